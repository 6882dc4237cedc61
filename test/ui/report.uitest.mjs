// The report of a run in a bare browser: it draws from its file alone and asks nobody for anything.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { launchBrowser } from "../host/browser.mjs";
import { SCREENSHOTS } from "./workbench.mjs";

describe("a report", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-report-"));
  const file = path.join(folder, "report.html");
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {import("playwright-core").Page} */
  let page;
  /** @type {string[]} */
  const asked = [];
  /** @type {string[]} */
  const complaints = [];
  const cli = (/** @type {string[]} */ ...args) =>
    execFileSync(process.execPath, [inRepo("dist", "cli.js"), ...args], { cwd: folder, encoding: "utf8" });
  before(async () => {
    fs.copyFileSync(inRepo("examples", "mnist_mlp.py"), path.join(folder, "mnist_mlp.py"));
    cli("train", "mnist_mlp.py", "--steps", "300", "--seed", "1");
    const [run = ""] = fs.readdirSync(path.join(folder, ".normlens", "runs"));
    cli("runs", "export", run, "--format", "html", "--to", file);
    ({ browser, page } = await launchBrowser({ width: 900, height: 1200 }));
    page.on("request", (request) => void asked.push(request.url()));
    page.on("console", (message) => void complaints.push(message.text()));
    page.on("pageerror", (error) => void complaints.push(error.message));
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(pathToFileURL(file).href);
  });
  after(async () => {
    await browser?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const picture = (/** @type {string} */ name) =>
    page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });

  /** In a dark, narrow window. @param {string} name of its picture */
  const fitsInTheDark = async (name) => {
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 400, height: 900 });
    await page.waitForTimeout(300);
    const tooWide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(tooWide <= 0, `${tooWide} px too wide`);
    await picture(name);
  };

  it("opens from a disk with every figure, and makes no request", async () => {
    await page.getByTestId("figure-gap").locator("canvas").first().waitFor();
    for (const figure of ["overview", "drift", "convergence", "gap", "health"])
      assert.ok((await page.getByTestId(`figure-${figure}`).locator("canvas").count()) > 0, figure);
    assert.match(await page.getByTestId("verdict").innerText(), /\w/);
    assert.match(await page.getByTestId("repeat").innerText(), /^normlens train mnist_mlp\.py /);
    await picture("report-light");
    assert.deepEqual(asked, [pathToFileURL(file).href]);
    assert.deepEqual(complaints, []);
    assert.ok(fs.statSync(file).size < 3e6);
  });

  it("shows another layer, and tables instead of charts", async () => {
    const figure = page.getByTestId("figure-drift");
    await figure.getByTestId("layer-row-bn1").click();
    assert.match(await figure.getByTestId("layer-title").innerText(), /^bn1/);
    await page.getByTestId("tables").click();
    await figure.locator("table").first().waitFor();
    await page.getByTestId("tables").click();
    await figure.locator("canvas").first().waitFor();
  });

  it("follows a dark system, and is no wider than a narrow window", async () => {
    await fitsInTheDark("report-dark-narrow");
    assert.deepEqual(complaints, []);
  });

  it("of two runs says who is ahead, draws both, and makes no request", async () => {
    const compared = path.join(folder, "compared.html");
    cli("train", "mnist_mlp.py", "--steps", "300", "--lr", "0.001");
    const names = fs.readdirSync(path.join(folder, ".normlens", "runs"));
    cli("runs", "export", ...names, "--format", "html", "--to", compared);
    asked.length = 0;
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 900, height: 1200 });
    await page.goto(pathToFileURL(compared).href);
    await page.getByTestId("figure-compare").locator("svg, canvas").first().waitFor();
    assert.match(await page.getByTestId("verdict").innerText(), /^2 variants: A is ahead with /);
    assert.equal(await page.getByTestId("runs").locator("li").count(), 2);
    await picture("report-compared-light");
    await fitsInTheDark("report-compared-dark-narrow");
    assert.deepEqual(asked, [pathToFileURL(compared).href]);
    assert.deepEqual(complaints, []);
  });
});
