import assert from "node:assert/strict";
import type { SeriesNeed } from "../../../engine/protocol/series";
import { allViews, viewOf } from "../../../webview/views/allViews";
import { chartInput, situationOf } from "../../../webview/views/drawChart";
import { needsOf } from "../../../webview/views/needs";
import type { ViewFrame } from "../../../webview/views/viewSpec";
import { firstSelection } from "../../../webview/state/panelModel";
import { layer, runModel, runRecord } from "./makeRun";

const one = { runs: 1, normRuns: 1 };
const columnsOf = (needs: readonly SeriesNeed[], kind: string, layers: string): string[] =>
  needs.filter((need) => need.kind === kind && need.layers === layers).flatMap(({ columns }) => [...columns]);

describe("needs of a view", () => {
  it("are what its charts and columns draw", () => {
    const needs = needsOf(viewOf("convergence"), one);
    assert.deepEqual(columnsOf(needs, "population", "all"), ["meanDistance", "varianceDistance"]);
    assert.deepEqual(columnsOf(needs, "population", "selected"), ["noiseFloor", "varianceNoiseFloor"]);
    assert.deepEqual(columnsOf(needs, "loss", "run"), ["loss"]);
    assert.equal(columnsOf(needs, "norm", "all").length, 0);
  });

  it("name each curve once, and none for the selected layer that comes for all", () => {
    for (const view of allViews) {
      const seen = new Set<string>();
      for (const { kind, columns, edges, layers } of needsOf(view, one)) {
        for (const column of columns)
          for (const edge of edges) {
            const key = [kind, column, edge].join();
            assert.ok(!seen.has(`${key},${layers}`), `${view.id} asks twice for ${key}`);
            if (layers === "selected") assert.ok(!seen.has(`${key},all`), `${view.id} asks twice for ${key}`);
            seen.add(`${key},${layers}`);
          }
      }
    }
  });

  it("ask for edges only where they are drawn", () => {
    const norm = needsOf(viewOf("drift"), one).filter(({ kind, layers }) => kind === "norm" && layers === "selected");
    const edges = new Map(norm.flatMap((need) => need.columns.map((column) => [column as string, need.edges])));
    assert.deepEqual(edges.get("batch_mean.max"), ["maximum"]);
    assert.deepEqual(edges.get("running_mean.median"), ["last"]);
  });

  it("of a view about layers are only the footer's for a run that has none", () => {
    const footer: SeriesNeed[] = [
      { kind: "loss", columns: ["loss"], edges: ["last", "minimum", "maximum"], layers: "run" },
    ];
    assert.deepEqual(needsOf(viewOf("drift"), { runs: 1, normRuns: 0 }), footer);
    assert.ok(columnsOf(needsOf(viewOf("overview"), { runs: 1, normRuns: 0 }), "eval", "run").length > 0);
  });

  it("leave out what several runs do not show", () => {
    const several = needsOf(viewOf("overview"), { runs: 3, normRuns: 3 });
    assert.deepEqual(columnsOf(several, "eval", "run"), ["runningAccuracy"]);
    assert.ok(columnsOf(needsOf(viewOf("overview"), one), "eval", "run").includes("populationAccuracy"));
  });
});

describe("a chart from its description", () => {
  function frameOf(runs: readonly ReturnType<typeof runModel>[]): ViewFrame {
    const selection = firstSelection;
    const model = {
      runs,
      selection,
      comparison: null,
      variants: null,
      heldRange: null,
      folded: new Set<string>(),
      isPlaying: false,
    };
    const [run] = runs;
    if (!run) throw new Error("no run");
    const theme = {} as ViewFrame["theme"];
    return { model, run, layer: run.normLayers[0], range: [0, 1000], theme, narrow: false, tight: false };
  }
  const chartOf = (view: "overview" | "drift" | "convergence", id: string) => {
    const found = viewOf(view).charts.find((chart) => chart.id === id);
    if (!found) throw new Error(`no chart ${id}`);
    return found;
  };

  it("has a curve for every line, and bands between the lines they name", () => {
    for (const view of allViews) {
      for (const chart of view.charts) {
        const { config, curves } = chartInput(chart, frameOf([runModel(), runModel({ id: "b" })]));
        assert.equal(config.lines.length, curves.length, chart.id);
        for (const { upper, lower } of config.bands ?? [])
          assert.ok(config.lines[upper] && config.lines[lower] && upper !== lower, chart.id);
      }
    }
  });

  it("draws one curve a run, each with its letter, colour and dash", () => {
    const runs = Array.from({ length: 7 }, (_, index) => runModel({ id: `run${index}` }));
    const { config } = chartInput(chartOf("overview", "accuracy"), frameOf(runs));
    const told = config.lines.map(({ name, color }) => [name, color]);
    assert.deepEqual(told.slice(0, 2), [
      ["A", "runA"],
      ["B", "runB"],
    ]);
    assert.deepEqual(told.at(-1), ["G", "runOther"]);
    assert.deepEqual(config.lines[1]?.dash, [6, 4]);
  });

  it("draws the others below the selected layer, over its floor", () => {
    const record = runRecord({ layers: ["a", "b", "c"].map((id) => layer(id)) });
    const { config } = chartInput(chartOf("convergence", "mean-distance"), frameOf([runModel({ run: record })]));
    assert.deepEqual(
      config.lines.map(({ name }) => name),
      ["noise floor", "other layers", "other layers", "this layer"],
    );
    assert.equal(config.floor, 0);
  });

  it("takes a run that has not begun for one with BN", () => {
    const model = { runs: [runModel({ run: null })] };
    assert.deepEqual(situationOf(model), one);
    assert.deepEqual(situationOf({ runs: [runModel({ run: runRecord({ layers: [] }) })] }), { runs: 1, normRuns: 0 });
  });
});
