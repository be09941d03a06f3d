// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Somebody with a keyboard alone and no scripts: logs in, writes, answers, reports. Nothing is clicked; every step goes
// by Tab to what has the focus, and what has it must be seen to. Says what was reached, as JSON.
//
//   node keys.mjs ORIGIN STEPS     STEPS: JSON, a list of [path
//                                  [what to reach, what to type]...]; "around" for all stops of the page

import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../peers/", import.meta.url))("playwright-core");
const [origin, steps] = [process.argv[2], JSON.parse(process.argv[3])];
const TABS = 160;
const PATIENCE = 120_000;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  timeout: PATIENCE,
});
const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true });
context.setDefaultTimeout(PATIENCE);
const page = await context.newPage();
const report = [];

// Tab after Tab until what has the focus fits; gives whether its focus can be seen.
async function reach(selector) {
  for (let i = 0; i < TABS; i++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate((wanted) => {
      const element = document.activeElement;
      if (!element?.matches(wanted)) return null;
      const style = getComputedStyle(element);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    }, selector);
    if (found !== null) return { selector, tabs: i + 1, seen: found };
  }
  return { selector, tabs: -1, seen: false };
}

// Around the page once: every stop shows its focus, and the way leads out of the page again.
async function around() {
  const dull = [];
  let stops = 0;
  for (; stops < 4 * TABS; stops++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body || (element.matches("a.skip") && document.seen)) return null;
      document.seen = true;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return { seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0,
        what: element.outerHTML.slice(0, 120) };
    });
    if (!at) break;
    if (!at.seen) dull.push(at.what);
  }
  return { stops, dull, ends: stops < 4 * TABS };
}

for (const [path, ...deeds] of steps) {
  if (path) await page.goto(origin + path);
  for (const [selector, text] of deeds) {
    if (selector === "around") {
      report.push({ around: path, ...await around() });
      continue;
    }
    report.push(await reach(selector));
    if (text === "Enter" || text === " ") {
      await Promise.all([text === "Enter" ? page.waitForNavigation() : null, page.keyboard.press(text)]);
    } else {
      await page.keyboard.type(text);
    }
  }
  report.push({ at: new URL(page.url()).pathname, text: await page.evaluate(() => document.body.innerText) });
}
await browser.close();
console.log(JSON.stringify(report));
