// Pictures of the panel without VS Code: `node test/ui/panelFeeder/screenshots.mjs FOLDER [name…]`.
import fs from "node:fs";
import path from "node:path";
import { launchBrowser } from "../../host/browser.mjs";
import { answerGoldenRuns } from "./realRuns.mjs";
import { buildFeeder, serveFeeder } from "./server.mjs";
import { shots, take } from "./shots.mjs";

const [folder, ...names] = process.argv.slice(2);
if (!folder) throw new Error("usage: node screenshots.mjs FOLDER [name…]");
fs.mkdirSync(folder, { recursive: true });
await buildFeeder();
const server = await serveFeeder();
const { browser, page } = await launchBrowser();
await answerGoldenRuns(page);
page.on("console", (message) => {
  if (message.type() === "error" || message.type() === "warning") console.log(`  ${message.text()}`);
});
page.on("pageerror", (error) => console.log(`  ${error.stack ?? error.message}`));
try {
  for (const [name, shot] of Object.entries(shots)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(name);
    await take(page, server.url, shot);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (overflow > 0) console.log(`  the page is ${overflow} px too wide`);
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
} finally {
  await browser.close();
  server.close();
}
