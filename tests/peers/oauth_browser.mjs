// SPDX-License-Identifier: AGPL-3.0-or-later
// A person with Chromium, without JavaScript, lets a program in:
//
//	node oauth_browser.mjs ADDRESS EMAIL PASSWORD END
//
// Follows the address, logs in, allows, and writes where that led, which has to begin with END.
import { chromium } from "playwright-core";

const [address, email, password, end] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await (await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false })).newPage();

await page.goto(address);
await page.fill("#email", email);
await page.fill("#password", password);
await page.click("main button[type=submit]");
await page.waitForURL(/\/oauth\/authorize\?/);
await page.click("button[value=allow]");
await page.waitForURL((url) => url.href.startsWith(end));
process.stdout.write(`${page.url()}\n`);
await browser.close();
