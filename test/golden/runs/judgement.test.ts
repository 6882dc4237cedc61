/**
 * Fourteen recorded runs, healthy and faulty: their texts are in expected.txt, and panel, editor and command line
 * show the same judgement. record.mjs made the runs; NORMLENS_UPDATE=1 writes expected.txt again.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgementText } from "../../../engine/cli/judgementText";
import { layerTable } from "../../../engine/cli/layerTable";
import { readRun } from "../../../engine/export/readRun";
import { runJson } from "../../../engine/export/describeRun";
import { plainText } from "../../../engine/judgement/parts";
import { type Judgement, viewIds } from "../../../engine/protocol/judgement";
import { checkRun } from "../../../engine/runs/checkRun";
import { hoverText, isMeasured } from "../../../extension/editor/lineStatistics";
import { PanelFeed } from "../../../extension/panels/panelFeed";
import { Run } from "../../../extension/runs/run";
import { type Look, unpackUpdate } from "../../../webview/protocol";

const FOLDER = "test/golden/runs";
const EXPECTED = join(FOLDER, "expected.txt");
const names = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, "run.jsonl")));

const look: Look = { id: 1, needs: [], selectedLayer: null, pinnedStep: null, range: null, points: 100 };

function loaded(name: string): Run {
  const run = new Run(join(FOLDER, name));
  run.refresh();
  return run;
}

/** As a panel unpacks it. */
function inPanel(run: Run): Judgement {
  const feed = new PanelFeed({ runs: [run], editedLayers: () => [] });
  const [told] = unpackUpdate(structuredClone(feed.snapshot(look))).runs;
  const judgement = told?.changed.judgement;
  assert.ok(judgement);
  return judgement;
}

const sayings = (): string =>
  names
    .map((name) => {
      const { run, state, judgement, summary } = readRun(join(FOLDER, name));
      const views = viewIds.map((view) => `[${view}] ${plainText(judgement.verdicts[view]).replaceAll("\n", "\n  ")}`);
      const table = layerTable(run, judgement.layers, summary.populations.at(-1) ?? null);
      const others = [
        ...judgement.findings.map(({ rule }) => `finding: ${rule}`),
        ...judgement.notes.map(({ sentence }) => sentence),
      ];
      return [`## ${name} (${state}, ${judgement.triage})`, ...views, ...others, table].join("\n");
    })
    .join("\n");

describe("recorded runs", () => {
  it("are at least twelve", () => assert.ok(names.length >= 12, names.join(", ")));

  for (const name of names) {
    it(`${name}: panel, editor and command line show one judgement`, () => {
      const run = loaded(name);
      const own = run.judgement(null);
      assert.ok(own);
      assert.deepEqual(inPanel(run), own);
      const shown = readRun(join(FOLDER, name));
      assert.deepEqual(shown.judgement, own);
      // What `runs show --json` prints is the object itself; JSON has no NaN.
      assert.deepEqual(JSON.parse(JSON.stringify(runJson(shown))).judgement, JSON.parse(JSON.stringify(own)));
      const { findings } = JSON.parse(JSON.stringify(runJson(shown))) as {
        findings: { rule: string; layers: string[] }[];
      };
      assert.deepEqual(
        findings.map(({ rule, layers }) => [rule, layers]),
        own.findings.map(({ rule, layers }) => [rule, layers]),
      );
      // The editor's lines and hovers are made from its layers.
      for (const reading of own.layers.filter(isMeasured)) assert.match(hoverText(reading, own.step), /σ/);
    });

    it(`${name}: is right by the format's own checker`, () => {
      const { faults } = checkRun(join(FOLDER, name));
      const expected = name === "interrupted" ? ["no-sign-of-life"] : [];
      assert.deepEqual(
        faults.map(({ code }) => code),
        expected,
        JSON.stringify(faults),
      );
    });
  }

  it("have the texts of the snapshot", () => {
    if (process.env["NORMLENS_UPDATE"]) writeFileSync(EXPECTED, sayings());
    assert.equal(sayings(), readFileSync(EXPECTED, "utf8"));
  });

  it("say in the command line's text what the panel says first", () => {
    for (const name of names) {
      const { judgement } = readRun(join(FOLDER, name));
      assert.ok(judgementText(judgement).startsWith(judgement.verdicts.overview.sentence), name);
    }
  });
});
