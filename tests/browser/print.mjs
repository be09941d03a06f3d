// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Prints pages as Chromium does: a PDF of each, and what is on paper of it. Says what was seen as JSON, a list of
// {page, pages, shown, colours, after}.
//
//   node print.mjs ORIGIN FOLDER PATH...

import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

const { chromium } = createRequire(new URL("../peers/", import.meta.url))("playwright-core");
const [origin, folder, ...paths] = process.argv.slice(2);
const PATIENCE = 120_000;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  timeout: PATIENCE,
});
const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true, colorScheme: "dark" });
context.setDefaultTimeout(PATIENCE);
const page = await context.newPage();
const report = [];

// What of these can be seen, and how words look.
function onPaper() {
  const visible = (element) => element.getClientRects().length > 0;
  const words = document.querySelector("article.post .content, .prose, .about") ?? document.querySelector("h1");
  const style = getComputedStyle(words);
  return {
    shown: ["nav", "header.top", "footer", ".actions", "main form", ".skip", "main button", ".pager"].filter((one) =>
      [...document.querySelectorAll(one)].some(visible)),
    ink: style.color,
    paper: getComputedStyle(document.body).backgroundColor,
    size: parseFloat(style.fontSize),
    after: [...document.querySelectorAll("main .content a, main .fields a")].filter(visible).map((link) =>
      [link.textContent, getComputedStyle(link, "::after").content]),
    text: document.querySelector("main").innerText,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
}

for (const [number, path] of paths.entries()) {
  await page.goto(origin + path);
  await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate(onPaper);
  const pdf = await page.pdf({ format: "A4" });
  writeFileSync(`${folder}/${number}.pdf`, pdf);
  report.push({ page: path, pages: (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length, ...seen });
  await page.emulateMedia({ media: "screen" });
}
await browser.close();
console.log(JSON.stringify(report));
