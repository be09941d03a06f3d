// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Somebody with Chromium and no JavaScript: logs in, writes a post, and looks at pages on a phone and on a
// desktop, in light and in dark. Says what was seen as JSON: a list of
// {page, width, scheme, status, heading, overflow, background, problems}.
//
//   node look.mjs ORIGIN EMAIL PASSWORD PATH...     a path of "post" is that of the post

import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../peers/", import.meta.url))("playwright-core");
const [origin, email, password, ...paths] = process.argv.slice(2);
const SIZES = [{ width: 360, height: 740 }, { width: 1280, height: 800 }];
const PATIENCE = 120_000;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  timeout: PATIENCE,
});

async function open(options) {
  const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(PATIENCE);
  return context;
}

// By the forms of the pages, as people do it; gives the cookies and the path of the post.
async function enter() {
  const context = await open({ viewport: SIZES[0] });
  const page = await context.newPage();
  await page.goto(`${origin}/auth/login/`);
  await page.fill('input[name="email"]', email);
  await page.fill('input[name="password"]', password);
  await page.click('main button[type="submit"], main form button');
  await page.goto(`${origin}/compose/`);
  await page.fill('textarea[name="text"]', `A long word: ${"kea".repeat(60)}, and a tag: #birds`);
  await page.click('main form button');
  const found = { state: await context.storageState(), post: new URL(page.url()).pathname };
  await context.close();
  return found;
}

// One tab for all: each new one is a process that begins.
async function open_tab(context) {
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText; // aborted: the next page came before it
    if (why !== "net::ERR_ABORTED") problems.push(`${request.url()} failed: ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.url()} ${response.status()}`);
  });
  return { page, problems };
}

async function look({ page, problems }, path, width, scheme) {
  const response = await page.goto(origin + path, { waitUntil: "load" });
  const seen = await page.evaluate(() => ({
    heading: document.querySelector("h1")?.textContent.trim(),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    background: getComputedStyle(document.body).backgroundColor,
  }));
  return { page: path, width, scheme, status: response.status(), ...seen, problems: problems.splice(0) };
}

const { state, post } = await enter();
const report = [];
for (const viewport of SIZES)
  for (const colorScheme of ["light", "dark"]) {
    const context = await open({ viewport, colorScheme, storageState: state });
    const tab = await open_tab(context);
    for (const path of paths)
      report.push(await look(tab, path === "post" ? post : path, viewport.width, colorScheme));
    await context.close();
  }
await browser.close();
console.log(JSON.stringify(report));
