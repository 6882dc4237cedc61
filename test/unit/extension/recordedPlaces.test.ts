/** Where layers of a recording are, in a file that was edited, and in one of another machine. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as vscode from "vscode";
import type { RunRecord } from "../../../engine/protocol/records";
import { readModelFile } from "../../../engine/source/readModel";
import type { DocumentReading } from "../../../extension/editor/documentReading";
import { constructionLine, layerPlaces } from "../../../extension/editor/recordedPlaces";
import { RecordedLines } from "../../../extension/runs/recordedLines";
import { RunFiles } from "../../../extension/runs/runFiles";
import { layer, runRecord } from "../webview/makeRun";

const MODEL = `import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)
        self.bn1 = nn.BatchNorm1d(4)
        self.bn2 = nn.BatchNorm1d(4, momentum=0.2)

    def forward(self, x):
        return self.bn2(self.bn1(self.fc(x)))


model = Net()
`;
const LINES = { bn1: 8, bn2: 9 };

const memento = (): vscode.Memento => {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: <T>(key: string, otherwise?: T) => (kept.get(key) as T | undefined) ?? otherwise,
    update: (key: string, value: unknown) => {
      kept.set(key, structuredClone(value));
      return Promise.resolve();
    },
  };
};

const documentOf = (path: string, text: string): vscode.TextDocument =>
  ({ uri: { scheme: "file", fsPath: path, path }, getText: () => text }) as unknown as vscode.TextDocument;

function readingOf(path: string, text: string): DocumentReading {
  const reading = readModelFile({ path, text });
  return { reading, lineNow: (line: number) => line } as unknown as DocumentReading;
}

describe("the layers of a recording in a file", () => {
  let folder = "";
  let path = "";
  let record: RunRecord;
  const store = memento();
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-places-"));
    path = join(folder, "net.py");
    writeFileSync(path, MODEL);
    record = recordOf(path);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function recordOf(file: string, more: Partial<RunRecord> = {}): RunRecord {
    const at = (line: number) => ({ source: { path: file, line, endLine: null, cell: null }, model: "Net" });
    const layers = [layer("bn1", at(LINES.bn1)), layer("bn2", at(LINES.bn2))];
    const startedAt = new Date(Date.now() + 1000).toISOString();
    return runRecord({
      producer: "normlens-python 1",
      source: { path: file, sha256: null },
      model: "Net",
      startedAt,
      layers,
      ...more,
    });
  }

  function placesIn(
    text: string,
    lines: RecordedLines,
    options: { readonly record?: RunRecord; readonly at?: string } = {},
  ) {
    const at = options.at ?? path;
    const document = documentOf(at, text);
    const current = readingOf(at, text);
    const run = { id: "run", record: options.record ?? record };
    const places = layerPlaces({ run, document, current, files: new RunFiles(), lines });
    return Object.fromEntries([...places].map(([id, { line, isEdited }]) => [id, isEdited ? `${line} edited` : line]));
  }

  const noted = (): RecordedLines => {
    const lines = new RecordedLines(store);
    lines.note("run", record);
    return lines;
  };

  it("are on their lines, and follow them", () => {
    const lines = noted();
    assert.deepEqual(placesIn(MODEL, lines), LINES);
    assert.deepEqual(placesIn(`# new\n\n${MODEL}`, lines), { bn1: 10, bn2: 11 });
  });

  it("are known after the file was written and the window opened again", () => {
    noted();
    const later = new RecordedLines(store);
    writeFileSync(path, MODEL.replace("\n\n\nclass", "\n\nclass"));
    utimesSync(path, new Date(), new Date(Date.now() + 60_000));
    later.note("run", record);
    assert.deepEqual(placesIn(MODEL.replace("\n\n\nclass", "\n\nclass"), later), { bn1: 7, bn2: 8 });
  });

  it("are found by name, and called edited, where their line was changed", () =>
    assert.deepEqual(placesIn(MODEL.replace("momentum=0.2", "momentum=0.1"), noted()), { bn1: 8, bn2: "9 edited" }));

  it("are nowhere when they are gone, whatever has the line's number", () =>
    assert.deepEqual(placesIn(MODEL.replace(/.*self.bn1 = .*/, "        self.bn1 = nn.Identity()"), noted()), {
      bn2: 9,
    }));

  it("are not placed by number in a file that was written since, but by name", () => {
    const fresh = new RecordedLines(memento());
    fresh.note("run", { ...record, startedAt: "2020-01-01T00:00:00Z" });
    assert.deepEqual(placesIn(`\n${MODEL}`, fresh), { bn1: 9, bn2: 10 });
    assert.deepEqual(placesIn(`\n${MODEL.replaceAll("Net", "Other")}`, fresh), {});
  });

  it("are found by the file's name and theirs when the run is from another machine", () => {
    const away = recordOf("C:\\work\\net.py");
    const lines = new RecordedLines(memento());
    lines.note("run", away);
    assert.deepEqual(placesIn(`\n${MODEL}`, lines, { record: away }), { bn1: 9, bn2: 10 });
    assert.deepEqual(placesIn(MODEL, lines, { record: away, at: join(folder, "other.py") }), {});
  });

  it("are found by name in a notebook, whose lines are those of its cells", () => {
    const at = join(folder, "net.ipynb");
    const cell = { path: null, line: LINES.bn1, endLine: null, cell: 3 };
    writeFileSync(at, MODEL);
    const notebook = recordOf(at, { layers: [layer("bn1", { source: cell, model: "Net" })] });
    const lines = new RecordedLines(memento());
    lines.note("run", notebook);
    assert.equal(lines.textOf("run", at, LINES.bn1), undefined);
    assert.deepEqual(placesIn(`\n${MODEL}`, lines, { record: notebook, at }), { bn1: 9 });
    assert.deepEqual(placesIn("x = 1\n".repeat(20), lines, { record: notebook, at }), {});
  });

  it("are not looked for in a file of the same name while theirs is here", () =>
    assert.deepEqual(placesIn(MODEL, noted(), { at: join(folder, "copy", "net.py") }), {}));
});

describe("the line that constructs a model", () => {
  it("is the only one that calls its class, or gives it its name", () => {
    assert.equal(constructionLine(MODEL, "Net"), 15);
    assert.equal(constructionLine("from models import Net\nnet = models.Net(3)\n", "Net"), 2);
    assert.equal(constructionLine("net = nn.Sequential(a)\nnet(x)\n", "nothing"), null);
  });
  it("is unknown where there are several, or none", () => {
    assert.equal(constructionLine("a = Net()\nb = Net()\n", "Net"), null);
    assert.equal(constructionLine("# Net()\nclass Net(Base): pass\n", "Net"), null);
    assert.equal(constructionLine(MODEL, null), null);
  });
});
