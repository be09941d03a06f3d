// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Walks over pages in Chromium, as one somebody: axe-core in light and in dark, html-validate on what the server
// sent, overflow at three widths, pictures of each in light and in dark when there is a folder for them, what the
// console complains of. Reads its order as JSON from standard input: {origin, cookies, pages, script, pictures,
// language, status}, the last 200 when it is left out; says what was seen as JSON, a line a page:
// {page, status, lang, dir, heading, overflow, problems}.

import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";

const require = createRequire(new URL("../peers/", import.meta.url));
const { chromium } = require("playwright-core");
const { HtmlValidate } = require("html-validate");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const order = JSON.parse(readFileSync(0, "utf8"));
const WIDTHS = [360, 768, 1280];
const SCHEMES = ["dark", "light"];
const PATIENCE = 120_000;
const WANTED = order.status ?? 200;

const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    // What is a matter of taste: how markup is written, not what it says.
    "attr-quotes": "off", "attribute-boolean-style": "off", "doctype-style": "off", "no-trailing-whitespace": "off",
    "void-style": "off", "long-title": "off", "prefer-native-element": "off", "no-inline-style": "error",
    "attribute-empty-style": "off", "no-implicit-button-type": "off", "tel-non-breaking": "off",
    "valid-id": ["error", { relaxed: true }], "require-sri": "off",
    "no-redundant-for": "off", "form-dup-name": "off", "no-raw-characters": "off", "no-redundant-role": "off",
    "svg-focusable": "off", "input-missing-label": "error", "no-implicit-input-type": "off",
  },
});

async function accessible(page, only) {
  const found = await page.evaluate(async ([source, rules]) => {
    if (!window.axe) (0, eval)(source);
    const options = rules ? { runOnly: rules } : {};
    const result = await window.axe.run(document, { ...options, resultTypes: ["violations"] });
    return result.violations.map((one) =>
      `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  }, [axe, only]);
  return found;
}

async function valid(text) {
  const report = await validator.validateString(text);
  return report.results.flatMap((one) => one.messages.map((message) =>
    `html ${message.ruleId} line ${message.line}: ${message.message}`));
}

async function sizes(page, name) {
  const overflow = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width < 700 ? 740 : 860 });
    const over = await page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) overflow.push(`${width}: ${over} by ${await page.evaluate(widest)}`);
    if (!order.pictures) continue;
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${order.pictures}/${name}-${width}-${colorScheme}.png`, fullPage: width < 700 });
    }
  }
  return overflow;
}

// What stands out of the window, innermost first.
function widest() {
  const room = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll("body *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.right > room || box.left < 0 || (one.clientWidth > 1 && one.scrollWidth > one.clientWidth);
  });
  return out.reverse().slice(0, 3).map((one) => `${one.tagName}.${one.className}`).join(" ");
}

// One tab for all: each new one is a process that begins.
async function open_tab(context) {
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    const usual = WANTED >= 400 && message.text().includes(`status of ${WANTED}`);
    if (["error", "warning"].includes(message.type()) && !usual) problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`script: ${error}`));
  page.on("response", (answer) => {
    if (answer.status() >= 400 && !answer.request().isNavigationRequest())
      problems.push(`${answer.url()} ${answer.status()}`);
  });
  return { page, problems };
}

async function walk({ page, problems }, path) {
  const response = await page.goto(order.origin + path, { waitUntil: "load" });
  const status = response.status();
  const landed = new URL(page.url()).pathname;
  const name = `${landed.replace(/[^a-z0-9]+/gi, "_").replace(/^_|_$/g, "") || "start"}`;
  const seen = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    heading: document.querySelector("h1")?.textContent.trim(),
  }));
  if (status === WANTED) {
    if (order.script) problems.push(...await accessible(page));
    if (order.script) {
      await page.emulateMedia({ colorScheme: "dark" });
      problems.push(...(await accessible(page, ["color-contrast"])).map((one) => `dark: ${one}`));
      await page.emulateMedia({ colorScheme: "light" });
    } else {
      problems.push(...await valid(await response.text()));
    }
  }
  const overflow = status === WANTED && (order.pictures || !order.script) ? await sizes(page, name) : [];
  return { page: path, landed, status, ...seen, overflow, problems: problems.splice(0) };
}

if (order.pictures) mkdirSync(order.pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  timeout: PATIENCE,
});
const context = await browser.newContext({
  javaScriptEnabled: order.script,
  ignoreHTTPSErrors: true,
  // axe is put into the page by the one who looks, past the page's own rule; the rule itself is tested elsewhere.
  bypassCSP: order.script,
  reducedMotion: "reduce",
  colorScheme: "light",
  viewport: { width: 1280, height: 860 },
  locale: order.language ?? "en",
});
context.setDefaultTimeout(PATIENCE);
await context.addCookies(Object.entries(order.cookies).map(([name, value]) =>
  ({ name, value, url: order.origin, secure: true, httpOnly: true })));
const tab = await open_tab(context);
for (const path of order.pages) console.log(JSON.stringify(await walk(tab, path)));
await browser.close();
