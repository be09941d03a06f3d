// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What the script of the pages adds, each in Chromium: somebody writes, chooses a picture, leaves, presses twice, is
// told of news, and uses single keys. Says what was seen as JSON.
//
//   node script.mjs ORIGIN EMAIL PASSWORD PICTURE

import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../peers/", import.meta.url))("playwright-core");
const [origin, email, password, picture] = process.argv.slice(2);
const PATIENCE = 120_000;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  timeout: PATIENCE,
});
const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1000, height: 900 } });
context.setDefaultTimeout(PATIENCE);
const page = await context.newPage();
const seen = { problems: [] };
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) seen.problems.push(message.text());
});
page.on("pageerror", (error) => seen.problems.push(String(error)));

const go = (path) => page.goto(origin + path);
const text = "#compose-text";
const height = () => page.$eval(text, (area) => area.clientHeight);
const counter = () => page.$eval("#compose-limit", (place) => place.textContent);

await go("/auth/login/");
await page.fill("#email", email);
await page.fill("#password", password);
await page.click('form[action="/auth/login/"] button');

// A text area grows, and shrinks again.
await go("/compose/");
const heights = [await height()];
for (const words of ["line\n".repeat(20), "line"]) {
  await page.fill(text, words);
  heights.push(await height());
}
seen.autosize = heights;

// Characters are counted as they are typed: an address is 23, an emoji is one.
seen.counter = { usual: null };
await page.fill(text, "");
seen.counter.usual = await counter();
for (const [name, words] of [["word", "abc"], ["emoji", "👍👍"], ["address", `https://example.org/${"x".repeat(80)}`]]) {
  await page.fill(text, words);
  seen.counter[name] = await counter();
}
const limit = Number(await page.$eval("#compose-limit", (place) => place.dataset.limit));
const told = () => page.$eval("#compose-limit + [role=status]", (live) => live.textContent);
seen.limit = limit;
await page.fill(text, "x".repeat(limit - 40));
seen.near = await told();
await page.fill(text, "x".repeat(limit - 200));
seen.far = await told();
await page.fill(text, "x".repeat(limit + 7));
seen.over = { says: await counter(), told: await told(), invalid: await page.getAttribute(text, "aria-invalid"),
  marked: await page.$eval("#compose-limit", (place) => place.classList.contains("too-long")) };
await page.fill(text, "fits");
seen.over.again = await page.getAttribute(text, "aria-invalid");

// A picture is shown before it is sent, and its text is what was written for it.
await page.click('details:has(input[name="file_1"]) > summary');
await page.setInputFiles('input[name="file_1"]', picture);
await page.fill('input[name="description_1"]', "A square");
await page.waitForFunction(() => document.querySelector("img.preview")?.naturalWidth > 0);
seen.preview = await page.$eval("img.preview", (image) => ({ alt: image.alt, width: image.naturalWidth }));
await page.setInputFiles('input[name="file_1"]', []);
seen.previewGone = await page.locator("img.preview").count();

// Who leaves with a text that was not sent is asked; who has none is not.
async function leaving() {
  const asked = page.waitForEvent("dialog", { timeout: 3000 }).then(async (dialog) => {
    await dialog.accept();
    return dialog.type();
  }).catch(() => "nothing");
  await page.click(".brand").catch(() => {});
  return asked;
}
await go("/settings/look/");
await go("/compose/").catch(() => {});
await page.click(text);
await page.keyboard.type("Half a thought");
seen.leaving = await leaving();
await go("/compose/");
seen.leavingEmpty = await leaving();

// Pressed twice, sent once.
await go("/compose/");
await page.fill(text, "Pressed twice");
const sent = [];
page.on("request", (request) => { if (request.method() === "POST") sent.push(request.url()); });
await page.$eval(".send button:not([name])", (button) => { button.click(); button.click(); });
await page.waitForURL((url) => url.pathname.includes("/posts/"));
seen.sent = sent.length;

// There is more above: a post that comes while somebody looks, and one that came before the page could listen.
await context.addInitScript(() => {
  const Real = EventSource;
  window.sources = [];
  window.EventSource = class extends Real {
    constructor(...rest) {
      super(...rest);
      window.sources.push(this);
    }
  };
});
const notice = () => page.$eval("a.news", (link) => ({ says: link.textContent, leads: link.getAttribute("href") }));
const states = () => page.evaluate(() => window.sources.map((source) => source.readyState));
const hide = (hidden) => page.evaluate((value) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
  document.dispatchEvent(new Event("visibilitychange"));
}, hidden);
const listens = () => page.waitForFunction(() => window.sources.at(-1)?.readyState === EventSource.OPEN);
await go("/local/");
await listens();
seen.before = await page.locator("a.news").count();
await hide(true);
seen.hidden = await states();
await hide(false);
await listens();
seen.shown = await states();
const token = await page.$eval('input[name="form_token"]', (input) => input.value);
await context.request.post(`${origin}/compose/`, { headers: { Origin: origin }, maxRedirects: 0,
  form: { form_token: token, text: "While somebody looks", visibility: "public" } });
await page.waitForSelector("a.news");
seen.news = await notice();
seen.told = await states();
await Promise.all([page.waitForNavigation(), page.click("a.news")]);
seen.loaded = { path: new URL(page.url()).pathname, news: await page.locator("a.news").count() };
await go("/home/");
await page.$eval("[data-live]", (place) => { place.dataset.live = "/live/home?after=1"; });
await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
await page.waitForSelector("a.news");
seen.missed = await notice();

// Single keys go from post to post, and press what stands there; not while somebody types.
const post = () => page.evaluate(() =>
  [...document.querySelectorAll("main article.post")].indexOf(document.activeElement));
await go("/local/");
seen.posts = await page.locator("main article.post").count();
seen.moves = [];
for (const key of ["j", "j", "k", "k"]) {
  await page.keyboard.press(key);
  seen.moves.push(await post());
}
await page.keyboard.press("?");
seen.help = await page.locator("dialog#keys[open]").count();
await page.keyboard.press("Escape");
seen.helpGone = await page.locator("dialog#keys[open]").count();
seen.keys = {};
for (const [key, selector] of [["f", "button.like.on"], ["b", "button.boost.on"]]) {
  await go("/local/");
  await page.keyboard.press("j");
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
  seen.keys[key] = await page.locator(`main ${selector}`).count();
}
for (const key of ["r", "o", "n"]) {
  await go("/local/");
  await page.keyboard.press("j");
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
  seen.keys[key] = page.url().slice(origin.length);
}
await page.focus(text);
await page.keyboard.type("jkn?");
seen.typed = await page.inputValue(text);
await page.fill(text, "");

// Whoever does not want them switches them off.
await go("/settings/look/");
await page.uncheck('input[name="shortcuts"]');
await page.click("main form .ends button");
await go("/local/");
await page.keyboard.press("j");
await page.keyboard.press("?");
seen.off = [await post(), await page.locator("dialog#keys[open]").count()];

// Without scripts nothing of it is there, and nothing that only a script could use.
const bare = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false,
  storageState: await context.storageState() });
const plain = await bare.newPage();
await plain.goto(`${origin}/compose/`);
seen.bare = {
  counter: await plain.textContent("#compose-limit"),
  left: await plain.locator("a.news, img.preview, dialog[open], #compose-limit + [role=status]").count(),
  buttons: await plain.locator(".send button").count(),
};
await plain.fill(text, "Without scripts");
await plain.click(".send button:not([name])");
seen.bare.written = new URL(plain.url()).pathname.includes("/posts/");
await browser.close();
console.log(JSON.stringify(seen));
