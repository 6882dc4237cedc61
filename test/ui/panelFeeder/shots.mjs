// What the panel is looked at in: each view in the scenarios that it is for, by name.

/**
 * @typedef {object} Shot
 * @property {string} scenario
 * @property {string} [view] the overview where it is absent
 * @property {string} theme
 * @property {number} [width]
 * @property {(page: import("playwright-core").Page) => Promise<void>} [act] what a person does before the picture
 */

/** @type {Readonly<Record<string, Shot>>} */
export const shots = {
  "overview-healthy-dark": { scenario: "healthy", theme: "dark" },
  "overview-live-light": { scenario: "live", theme: "light", act: (page) => page.waitForTimeout(2500) },
  "overview-stale-dark": { scenario: "stale", theme: "dark" },
  "overview-stale-light-700": { scenario: "stale", theme: "light", width: 700 },
  "overview-320": { scenario: "stale", theme: "light", width: 320 },
  "overview-deep-dark": { scenario: "deep", theme: "dark" },
  "drift-deep-dark": { scenario: "deep", view: "drift", theme: "dark" },
  "drift-deep-scrolled-dark": { scenario: "deep", view: "drift", theme: "dark", act: scrollLayers },
  "drift-deep-light-700": { scenario: "deep", view: "drift", theme: "light", width: 700 },
  "overview-branching-dark": { scenario: "branching", theme: "dark" },
  "drift-branching-light-700": { scenario: "branching", view: "drift", theme: "light", width: 700 },
  "drift-stale-dark": { scenario: "stale", view: "drift", theme: "dark" },
  "drift-healthy-light": { scenario: "healthy", view: "drift", theme: "light" },
  "drift-stale-contrast": { scenario: "stale", view: "drift", theme: "contrast", act: pinAndHover },
  "drift-zoom-light": { scenario: "stale", view: "drift", theme: "light", act: zoom },
  "convergence-stale-light": { scenario: "stale", view: "convergence", theme: "light" },
  "convergence-deep-dark": { scenario: "deep", view: "convergence", theme: "dark" },
  "convergence-stale-dark-700": { scenario: "stale", view: "convergence", theme: "dark", width: 700 },
  "scrubbed-dark": { scenario: "stale", view: "drift", theme: "dark", act: scrub },
  "chart-menu-dark": { scenario: "stale", view: "gap", theme: "dark", act: chartMenu },
  "chart-log-light": { scenario: "stale", theme: "light", act: logSteps },
  "replay-deep-dark": { scenario: "slow", view: "convergence", theme: "dark", act: replay },
  "replay-light-700": { scenario: "slow", view: "convergence", theme: "light", width: 700, act: replay },
  "gap-stale-light": { scenario: "stale", view: "gap", theme: "light" },
  "gap-deep-dark": { scenario: "deep", view: "gap", theme: "dark" },
  "gap-stale-light-700": { scenario: "stale", view: "gap", theme: "light", width: 700 },
  "flipped-row-dark": { scenario: "run:stale-momentum", view: "gap", theme: "dark" },
  "flipped-all-dark": { scenario: "run:stale-momentum", view: "gap", theme: "dark", act: showAll },
  "flipped-all-contrast": { scenario: "run:stale-momentum", view: "gap", theme: "contrast", act: showAll },
  "flipped-row-light-700": { scenario: "run:stale-momentum", view: "gap", theme: "light", width: 700, act: toEnd },
  "flipped-all-light-700": { scenario: "run:stale-momentum", view: "gap", theme: "light", width: 700, act: showAll },
  "flipped-all-300": { scenario: "run:stale-momentum", view: "gap", theme: "dark", width: 300, act: showAll },
  "flipped-pinned-light": { scenario: "run:stale-momentum", view: "gap", theme: "light", act: showAllEarly },
  "flipped-tables-dark": { scenario: "run:stale-momentum", view: "gap", theme: "dark", act: showAllAsTables },
  "recalibrated-dark": { scenario: "run:stale-momentum", view: "convergence", theme: "dark" },
  "recalibrated-light-700": { scenario: "run:stale-momentum", view: "convergence", theme: "light", width: 700 },
  "compare-dark": { scenario: "compare", theme: "dark" },
  "compare-light-700": { scenario: "compare", theme: "light", width: 700 },
  "compare-gap-light": { scenario: "compare", view: "gap", theme: "light" },
  "compare-twin-dark": { scenario: "compareTwin", theme: "dark" },
  "compare-view-dark": { scenario: "compareSeeds", view: "compare", theme: "dark" },
  "compare-view-light-700": { scenario: "compareSeeds", view: "compare", theme: "light", width: 700 },
  "compare-view-two-light": { scenario: "compareTwo", view: "compare", theme: "light" },
  "compare-view-tables-dark": { scenario: "compareTwo", view: "compare", theme: "dark", act: byEpochAsTables },
  "without-bn-dark": { scenario: "withoutBn", theme: "dark" },
  "without-bn-drift-light": { scenario: "withoutBn", view: "drift", theme: "light" },
  "starting-dark": { scenario: "starting", theme: "dark" },
  "interrupted-light": { scenario: "interrupted", theme: "light" },
  "health-healthy-light": { scenario: "healthy", view: "health", theme: "light" },
  "health-stale-dark": { scenario: "stale", view: "health", theme: "dark" },
  "health-deep-dark": { scenario: "deep", view: "health", theme: "dark" },
  "health-stale-contrast": { scenario: "stale", view: "health", theme: "contrast" },
  "health-stale-light-700": { scenario: "stale", view: "health", theme: "light", width: 700 },
  "ranks-dark": { scenario: "ranks", view: "ranks", theme: "dark" },
  "ranks-light-700": { scenario: "ranks", view: "ranks", theme: "light", width: 700 },
  "all-findings-dark": { scenario: "findings", view: "findings", theme: "dark" },
  "all-findings-light-700": { scenario: "findings", view: "findings", theme: "light", width: 700 },
  "findings-dark": { scenario: "findings", theme: "dark" },
  "findings-light-700": { scenario: "findings", theme: "light", width: 700, act: scrollDown },
  "unknown-light": { scenario: "unknown", theme: "light" },
  "tables-light": { scenario: "stale", theme: "light", act: (page) => page.getByTestId("tables").click() },
  "zoom-dark": { scenario: "stale", theme: "dark", act: zoom },
};

/** @param {import("playwright-core").Page} page */
async function scrub(page) {
  const box = await page.getByTestId("scrub").boundingBox();
  if (!box) throw new Error("the footer has no place");
  await page.mouse.move(box.x + box.width * 0.9, box.y + 6);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.45, box.y + 6, { steps: 8 });
  await page.mouse.up();
}

/** @param {import("playwright-core").Page} page */
async function chartMenu(page) {
  await page.locator(".chart-menu > summary").first().click();
}

/** @param {import("playwright-core").Page} page */
async function logSteps(page) {
  await page.locator(".chart-menu > summary").nth(1).click();
  await page.locator(".chart-menu[open]").getByText("Logarithmic steps").click();
}

/** @param {import("playwright-core").Page} page */
async function replay(page) {
  await page.getByTestId("replay-slider").focus();
  for (let times = 0; times < 6; times++) await page.keyboard.press("ArrowRight");
}

/** @param {import("playwright-core").Page} page */
async function showAll(page) {
  await page.getByTestId("all-flipped").click();
}

/** @param {import("playwright-core").Page} page */
async function showAllEarly(page) {
  await showAll(page);
  for (const step of [360, 320, 280, 240]) {
    await page.getByTestId("scrub").press("PageDown");
    await page.getByText(`Step ${step} of 400`).waitFor();
  }
}

/** @param {import("playwright-core").Page} page */
async function showAllAsTables(page) {
  await showAll(page);
  await page.getByTestId("tables").click();
}

/** @param {import("playwright-core").Page} page */
async function toEnd(page) {
  await page.getByTestId("flipped").scrollIntoViewIfNeeded();
}

/** @param {import("playwright-core").Page} page */
async function byEpochAsTables(page) {
  await page.getByTestId("align-epoch").click();
  await page.getByTestId("tables").click();
}

/** @param {import("playwright-core").Page} page */
async function scrollLayers(page) {
  await page.mouse.move(80, 400);
  await page.mouse.wheel(0, 900);
}

/** @param {import("playwright-core").Page} page */
async function scrollDown(page) {
  await page.mouse.move(350, 500);
  await page.mouse.wheel(0, 900);
}

/** @param {import("playwright-core").Page} page */
async function pinAndHover(page) {
  const plot = page.locator(".u-over").first();
  const box = await plot.boundingBox();
  if (!box) throw new Error("no chart");
  await page.mouse.click(box.x + box.width * 0.5, box.y + 20);
  await page.mouse.move(box.x + box.width * 0.22, box.y + 60);
}

/** @param {import("playwright-core").Page} page */
async function zoom(page) {
  const box = await page.locator(".u-over").first().boundingBox();
  if (!box) throw new Error("no chart");
  await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 60, { steps: 5 });
  await page.mouse.up();
}

/** @param {import("playwright-core").Page} page */
const settled = (page) => page.evaluate(() => /** @type {any} */ (window).settled());

/**
 * Bring the panel to where the picture is taken.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} url of the feeder
 * @param {Shot} shot
 */
export async function take(page, url, { scenario, view, theme, width = 1400, act }) {
  await page.setViewportSize({ width, height: 900 });
  // Else it would open with the zoom of the picture before.
  await page.goto("about:blank");
  await page.goto(`${url}?scenario=${scenario}&theme=${theme}`);
  if (view) await page.getByTestId(`tab-${view}`).click();
  await settled(page);
  await act?.(page);
  await settled(page);
}
