/** A chart that is taken away: SVG, CSV, and the axes that a person may choose. */
import { strict as assert } from "node:assert";
import { axisSteps } from "../../../webview/charts/buildOptions";
import { type ChartConfig, type ChartCurve, otherAxis } from "../../../webview/charts/chartConfig";
import { csvChart } from "../../../webview/charts/csvChart";
import { stepOfScaled, scaledStep, stepShare } from "../../../webview/charts/stepScale";
import { svgChart } from "../../../webview/charts/svgChart";
import type { Theme } from "../../../webview/theme";

const config: ChartConfig = {
  id: "distance",
  title: 'Distance of <bn1> & "bn2"',
  unit: "sigma",
  y: { kind: "log", least: [0.01, 1] },
  lines: [
    { name: "noise floor", color: "batch", width: 0, label: "none" },
    { name: "other layers", color: "batch", width: 1, alpha: 0.5, label: "none", listed: false },
    { name: "other layers", color: "batch", width: 1, alpha: 0.5, label: "none", listed: false },
    { name: "this, layer", color: "running", width: 2.5, dash: [4, 2], label: "value" },
  ],
  floor: 0,
  axisWidth: 46,
  labelWidth: 120,
};
const curve = (y: readonly number[], x = [0, 10, 20]): ChartCurve => ({ x, y, version: 1 });
const curves = [curve([0.02, 0.02, 0.02]), curve([1, 1, 1]), curve([2, 2, 2]), curve([0.5, Number.NaN, 0.25])];
const data = new Proxy({}, { get: (_, name) => `#${String(name).length.toString().padStart(6, "0")}` });
const theme = {
  ...{ kind: "light", foreground: "#111111", background: "#ffffff", fontFamily: '"Segoe UI", sans-serif' },
  data,
} as unknown as Theme;
const svg = (change: Partial<ChartConfig> = {}, range: readonly [number, number] = [0, 20]): string =>
  svgChart({ config: { ...config, ...change }, curves, range, theme, size: { width: 646, height: 250 } });

describe("a chart as SVG", () => {
  it("is one document with nothing of a name as markup", () => {
    const text = svg();
    assert.match(text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="646" height="250"/);
    assert.match(text, />Distance of &lt;bn1&gt; &amp; &quot;bn2&quot;<\/text>/);
    assert.match(text, /font-family="&quot;Segoe UI&quot;, sans-serif"/);
    assert.equal(text.match(/<(?!\/)/g)?.length, text.match(/\/>|<\//g)?.length);
  });

  it("draws lines with gaps, in their dash, and labels the end with the value", () => {
    const text = svg();
    // A point alone: there is a gap on either side.
    assert.match(text, /<path d="M46 [\d.]+M526 [\d.]+" stroke="[^"]+" stroke-width="2.5" stroke-dasharray="4 2"\/>/);
    assert.match(text, />this, layer 0\.25\sσ<\/text>/);
    assert.doesNotMatch(text, /NaN|Infinity/);
  });

  it("shows the steps in sight", () => {
    assert.match(svg({}, [10, 20]), />10<\/text>[\s\S]*>20<\/text>/);
    assert.match(svg({ x: "log" }), />0<\/text>/);
  });
});

describe("a chart as CSV", () => {
  it("has a row a step, empty where nothing is known, and lines that have a name of their own", () => {
    assert.equal(
      csvChart(config, curves),
      'step,noise floor,"this, layer"\r\n0,0.02,0.5\r\n10,0.02,\r\n20,0.02,0.25\r\n',
    );
  });
});

describe("other axes", () => {
  it("of values are logarithmic or linear, unless values have limits", () => {
    assert.deepEqual(otherAxis(config.y), { kind: "linear", least: [0.01, 1] });
    assert.deepEqual(otherAxis({ kind: "linear", least: [0, 0.5] }), { kind: "log" });
    assert.equal(otherAxis({ kind: "fixed", from: 0, to: 1, ticks: [0, 1] }), null);
  });

  it("of steps have a place for step 0, and come back from it", () => {
    assert.deepEqual([stepShare(0, [0, 999], "log"), stepShare(999, [0, 999], "log")], [0, 1]);
    assert.ok(Math.abs(stepShare(99, [0, 9999], "log") - 0.5) < 1e-12);
    assert.equal(stepShare(5, [0, 10]), 0.5);
    for (const step of [0, 1, 37, 100_000])
      assert.ok(Math.abs(stepOfScaled(scaledStep(step)) - step) < 1e-6 * (step + 1));
    assert.deepEqual(axisSteps([0, 1000], "log", 600), [0, 1, 10, 100, 1000]);
  });
});
