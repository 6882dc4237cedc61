// Every view of the panel in light, dark and high contrast, looked at by axe: no serious violation of WCAG 2 A and AA.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import { feederPage } from "./panelFeeder/feederPage.mjs";

const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * A scenario in which each view has something to show.
 *
 * @type {readonly (readonly [view: string, scenario: string])[]}
 */
const VIEWS = [
  ["overview", "stale"],
  ["drift", "stale"],
  ["convergence", "stale"],
  ["convergence", "slow"],
  ["gap", "stale"],
  ["gap", "run:stale-momentum"],
  ["convergence", "run:stale-momentum"],
  ["health", "stale"],
  ["ranks", "ranks"],
  ["findings", "findings"],
  ["overview", "compare"],
  ["compare", "compareTwo"],
  ["compare", "compareSeeds"],
  ["drift", "deep"],
];

/** Axe does not know the grid of layers as a tree, and canvases have their text beside them. */
const OPTIONS = { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] } };

describe("accessibility of the panel", () => {
  const feeder = feederPage();

  for (const theme of ["light", "dark", "contrast"])
    it(`has no serious violation in ${theme}`, async () => {
      const { page, url } = feeder();
      /** @type {string[]} */
      const found = [];
      for (const [view, scenario] of VIEWS) {
        await page.goto(`${url}?scenario=${scenario}&theme=${theme}`);
        await page.getByTestId(`tab-${view}`).click();
        await page.waitForTimeout(400);
        if (scenario === "slow") await page.getByTestId("replay-slider").press("End");
        if (scenario.startsWith("run:") && view === "gap") await page.getByTestId("all-flipped").click();
        await page.evaluate(axeSource);
        const violations = await page.evaluate(async (options) => {
          // @ts-expect-error axe comes with its own source
          const { violations: all, passes } = await window.axe.run(document, options);
          if (passes.length < 10) throw new Error(`axe looked at ${passes.length} rules`);
          return all.map(
            (/** @type {{ id: string, impact: string, nodes: { html: string, failureSummary: string }[] }} */ one) => ({
              id: one.id,
              impact: one.impact,
              nodes: one.nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).slice(0, 3),
            }),
          );
        }, OPTIONS);
        for (const { id, impact, nodes } of violations)
          if (impact === "serious" || impact === "critical")
            found.push(`${scenario}/${view}: ${id}\n    ${nodes.join("\n    ")}`);
      }
      assert.deepEqual(found, []);
    });
});
