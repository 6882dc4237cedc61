// The panel as it was when somebody last looked at it: each picture beside the one that is kept, and what a screen reader
// says of each view. NORMLENS_UPDATE=1 keeps what is drawn now; look at the changed pictures before you commit them.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { feederPage } from "./panelFeeder/feederPage.mjs";
import { shots, take } from "./panelFeeder/shots.mjs";

const KEPT = inRepo("test", "ui", "pictures");
const SPOKEN = inRepo("test", "ui", "pictures", "spoken.txt");
const UPDATE = process.env["NORMLENS_UPDATE"] !== undefined;
/** Kept at a quarter of the size: what moves, appears or changes its colour is seen, how a font is smoothed is not. */
const SHRINK = 4;
/** Of 255: a pixel that differs by more is another one. And so many of all may be, where text is set a little wider. */
const OTHER_PIXEL = 40;
const OTHER_PIXELS = 0.01;

/** A live run shows another step in each picture. */
const STILL = Object.entries(shots).filter(([, { scenario }]) => scenario !== "live");

describe("pictures of the panel", () => {
  const feeder = feederPage();
  /** @type {string[]} */
  const spoken = [];

  it("are those that are kept", async () => {
    const { page, url } = feeder();
    fs.mkdirSync(KEPT, { recursive: true });
    /** @type {string[]} */
    const changed = [];
    for (const [name, shot] of STILL) {
      await take(page, url, shot);
      if (!/-700|320|contrast/.test(name)) spoken.push(`## ${name}`, ...(await spokenBy(page)), "");
      const small = await shrunk(page, await page.screenshot());
      const file = path.join(KEPT, `${name}.png`);
      if (UPDATE) fs.writeFileSync(file, Buffer.from(small, "base64"));
      assert.ok(fs.existsSync(file), `${name} is not kept: run again with NORMLENS_UPDATE=1`);
      const share = await difference(page, small, fs.readFileSync(file).toString("base64"));
      if (share > OTHER_PIXELS) changed.push(`${name}: ${(100 * share).toFixed(1)} % of its pixels`);
    }
    assert.deepEqual(changed, []);
  });

  it("have the same words for who does not see them", () => {
    const text = spoken.join("\n");
    if (UPDATE) fs.writeFileSync(SPOKEN, text);
    assert.equal(text, fs.readFileSync(SPOKEN, "utf8"));
  });
});

/**
 * What stands for a picture: the labels of charts, sliders and images, and what is announced.
 *
 * @param {import("playwright-core").Page} page
 */
const spokenBy = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('[role="img"], [role="slider"], input[type="range"], [role="status"], caption')]
      .filter((element) => element.checkVisibility() && !element.closest(".spine-row"))
      .map((element) => {
        const [label, value] = ["aria-label", "aria-valuetext"].map((name) => element.getAttribute(name));
        const text = label ? [label, value].filter(Boolean).join(": ") : (element.textContent ?? "");
        return `${element.getAttribute("role") ?? element.tagName.toLowerCase()}: ${text.replace(/\s+/g, " ").trim()}`;
      }),
  );

/**
 * A PNG in base64, smaller: the browser does it.
 *
 * @param {import("playwright-core").Page} page
 * @param {Buffer} png
 */
const shrunk = (page, png) =>
  page.evaluate(
    async ([data, shrink]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.width / shrink;
      canvas.height = image.height / shrink;
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no canvas");
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL("image/png").split(",")[1] ?? "";
    },
    /** @type {const} */ ([png.toString("base64"), SHRINK]),
  );

/**
 * Share of the pixels that are others.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} one
 * @param {string} other
 */
const difference = (page, one, other) =>
  page.evaluate(
    async ([first, second, threshold]) => {
      const pixelsOf = async (/** @type {string} */ data) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = image.width;
        canvas.height = image.height;
        const context = canvas.getContext("2d");
        if (!context) throw new Error("no canvas");
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, canvas.width, canvas.height).data;
      };
      const [a, b] = [await pixelsOf(first), await pixelsOf(second)];
      if (a.length !== b.length) return 1;
      let others = 0;
      for (let at = 0; at < a.length; at += 4)
        others += [0, 1, 2].some((part) => Math.abs((a[at + part] ?? 0) - (b[at + part] ?? 0)) > threshold) ? 1 : 0;
      return others / (a.length / 4);
    },
    /** @type {const} */ ([one, other, OTHER_PIXEL]),
  );
