// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Somebody with Chromium and an authenticator of its own (WebAuthn.addVirtualAuthenticator): adds a passkey, logs in
// with it alone and as the second step, proves who they are again. Says what happened as JSON, and keeps pictures.
//
//   node passkey.mjs ORIGIN EMAIL PASSWORD FOLDER

import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../peers/", import.meta.url))("playwright-core");
const [origin, email, password, folder] = process.argv.slice(2);
const PATIENCE = 120_000;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  timeout: PATIENCE,
});
const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
context.setDefaultTimeout(PATIENCE);
const page = await context.newPage();
const seen = { problems: [] };
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) seen.problems.push(message.text());
});
page.on("pageerror", (error) => seen.problems.push(String(error)));

const devtools = await context.newCDPSession(page);
await devtools.send("WebAuthn.enable");
const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
  options: {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  },
});

const path = () => new URL(page.url()).pathname;
const use = 'form[data-passkey] button[type="submit"]';
async function press(selector, arrives) {
  await page.click(selector);
  await page.waitForURL((url) => url.pathname === arrives);
}
async function picture(name) {
  for (const [width, height] of [[360, 740], [1280, 900]]) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true });
  }
}
async function typePassword() {
  await page.goto(`${origin}/auth/login/`);
  await page.fill("#email", email);
  await page.fill("#password", password);
  await page.click('form[action="/auth/login/"] button');
}

await typePassword();
await page.waitForURL((url) => url.pathname === "/");
await page.goto(`${origin}/settings/security/`);
await picture("security");
await page.goto(`${origin}/settings/security/totp/`);
await picture("totp");
await page.goto(`${origin}/settings/security/`);
await page.fill("#passkey-name", "Virtual");
await press(use, "/settings/security/passkeys/add/");
seen.codes = await page.locator("code.secret").count();
await picture("recovery");
await page.goto(`${origin}/settings/security/`);
seen.named = (await page.textContent("main")).includes("Virtual");
await picture("security-with");
const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
seen.credentials = credentials.map((one) => ({ rpId: one.rpId, resident: one.isResidentCredential }));

await context.clearCookies();
await page.goto(`${origin}/auth/login/?next=/settings/sessions/`);
await picture("login");
await press(use, "/settings/sessions/");
seen.alone = path();

await context.clearCookies();
await typePassword();
await page.waitForURL((url) => url.pathname === "/auth/second/");
await picture("second");
await press(use, "/");
seen.second = path();

await page.goto(`${origin}/auth/prove/?next=/settings/security/`);
await picture("confirm");
await press(use, "/settings/security/");
seen.confirmed = path();

await page.goto(`${origin}/switch/`);
await picture("switch");
await page.goto(`${origin}/settings/identities/new/`);
await picture("new");
await page.goto(`${origin}/switch/`);
await page.locator('a[href^="/settings/identities/"]').last().click();
await page.waitForLoadState();
await picture("people");

// Nobody is verified: the browser gives nothing, and the page says so.
await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
await context.clearCookies();
await page.goto(`${origin}/auth/login/`);
await page.click(use);
await page.waitForSelector("[data-failed]:not([hidden])");
seen.failed = path();
await picture("failed");

const bare = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false });
const plain = await bare.newPage();
await plain.goto(`${origin}/auth/login/`);
seen.bare = {
  hidden: !(await plain.isVisible("form[data-passkey]")),
  says: (await plain.textContent("main")).includes("JavaScript"),
};
await browser.close();
console.log(JSON.stringify(seen));
