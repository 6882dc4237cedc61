// Makes the runs in good/ and bad/ again: node test/conformance/makeCases.mjs
// It knows the format from docs/run-format.md alone and shares no code with what reads it.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * @typedef {{ name: string, columns: string[], layers?: string[], values?: number, type?: "float32" | "float64" }}
 * Table
 */
/**
 * @typedef {Record<string, string | Buffer | object | object[]>} Files what is in a run's folder; a list is a file of
 * lines
 */

/** @param {Buffer} block */
function sealed(block) {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(block));
  return Buffer.concat([block, checksum]);
}

const HEADER = Buffer.from("NLNUM2\r\n");

/** @param {number} table @param {Table} declaration */
function declared(table, { name, columns, layers = [], values = 1, type = "float32" }) {
  const text = Buffer.from(JSON.stringify({ name, columns, layers, values, type }));
  const head = Buffer.alloc(12);
  head.write("\x89NLD", "latin1");
  head.writeUInt32LE(table, 4);
  head.writeUInt32LE(text.length, 8);
  return sealed(Buffer.concat([head, text]));
}

/** @param {number} table @param {number} step @param {number[]} numbers @param {"float32" | "float64"} [type] */
function frame(table, step, numbers, type = "float32") {
  const width = type === "float32" ? 4 : 8;
  const block = Buffer.alloc(16 + width * numbers.length);
  block.write("\x89NLF", "latin1");
  block.writeUInt32LE(table, 4);
  block.writeDoubleLE(step, 8);
  numbers.forEach((number, index) => {
    if (width === 4) block.writeFloatLE(number, 16 + 4 * index);
    else block.writeDoubleLE(number, 16 + 8 * index);
  });
  return sealed(block);
}

const STEPS = { name: "steps", columns: ["loss"], type: /** @type {const} */ ("float64") };
const steps = declared(0, STEPS);
/** @param {number} step */
const stepFrame = (step) => frame(0, step, [1 / step], "float64");
const threeSteps = Buffer.concat([HEADER, steps, ...[1, 2, 3].map(stepFrame)]);

const run = { type: "run", schema: 2, producer: "conformance" };
const end = { type: "end", step: 3, status: "completed" };
const norm = {
  channels: 2,
  samplesPerChannel: 32,
  epsilon: 1e-5,
  updateWeight: 0.1,
  runningVarianceEstimator: "unbiased",
};
const bn = { id: "bn", kind: "BatchNorm1d", norm };
const quantile = ["min", "q1", "median", "q3", "max"];
const normTable = {
  name: "norms",
  columns: [...["batch_mean", "batch_variance"].flatMap((name) => quantile.map((q) => `${name}.${q}`)), "mean_shift"],
  layers: ["bn"],
};
const normNumbers = [-1, -0.5, 0, 0.5, 1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.25];
const heartbeat = { beat: 3, everySeconds: 5, step: 3, at: "2026-11-29T10:00:00Z" };

const population = {
  type: "population",
  step: 2,
  samples: 64,
  layers: [
    { layer: "bn", mean: [-1, -0.5, 0, 0.5, 1], variance: [0.1, 0.2, 0.3, 0.4, null], meanDistance: 0.1, batchF: null },
  ],
};
const gapOutput = { flips: 1, flipsWithPopulation: 0, probabilityShift: 0.01 };

const batch = { type: "batch", samples: 3, classes: 2, labels: [0, 1, 1], image: { channels: 1, height: 2, width: 2 } };
const sample = { type: "sample", index: 1, image: Buffer.from([0, 64, 128, 255]).toString("base64") };
const answers = {
  type: "answers",
  step: 2,
  train: [0, 1, 1],
  eval: [0, 0, 1],
  shown: [
    {
      index: 1,
      probabilities: [
        [0, 0.1, 0.9],
        [1, 0.9, null],
      ],
    },
  ],
};

/** @type {Record<string, Files>} */
const good = {
  minimal: { "run.jsonl": [run, end] },
  "no-numbers": {
    "run.jsonl": [
      { ...run, layers: [bn] },
      { type: "eval", step: 0 },
      { type: "eval", step: 3, running: { accuracy: 1 } },
      end,
    ],
  },
  rich: {
    "run.jsonl": [
      {
        ...run,
        startedAt: "2026-11-29T10:00:00Z",
        name: "as written",
        comparison: "c1",
        source: { path: "train.py", sha256: "00" },
        model: "Net()",
        framework: "pytorch",
        parameters: 10,
        plannedSteps: 3,
        settings: { optimizer: "AdamW", learningRate: 0.1, batchSize: 32, seed: 1, amp: false, clip: null },
        data: { name: "digits", trainSamples: 100, testSamples: 20, classes: 10, sample: "image" },
        process: { command: "python train.py", host: "here" },
        layers: [
          { id: "fc", kind: "Linear", outputShape: [2], parameters: 6, source: { line: 3, endLine: 3 } },
          { ...bn, source: { path: "net.py", line: 4 } },
        ],
      },
      population,
      {
        type: "gap",
        step: 2,
        samples: 20,
        layers: [{ layer: "bn", gap: 0.2, alone: 0.1, noiseFloor: 0.01 }],
        output: gapOutput,
      },
      {
        type: "eval",
        step: 2,
        samples: 20,
        running: { accuracy: 0.5, loss: 1 },
        population: { accuracy: 0.6 },
        batch: { loss: null },
      },
      { type: "segment", step: 2, reason: "statistics-recomputed", detail: "update_bn(loader, net)", layers: ["bn"] },
      { type: "checkpoint", step: 3, path: "last.pt", statistics: true },
      {
        type: "finding",
        step: 3,
        finding: { rule: "own-rule", severity: "information", verdict: "Something.", layer: "bn" },
      },
      { type: "note-of-the-producer", text: "kept, not read" },
      { ...end, reason: "asked to", elapsedMs: 12.5 },
    ],
    "numbers.bin": Buffer.concat([
      HEADER,
      declared(0, { ...STEPS, columns: ["loss", "learning_rate", "seconds", "own"] }),
      declared(1, normTable),
      declared(2, { name: "activity", columns: ["gradient_norm", "dead_share"], layers: ["fc", "bn"] }),
      declared(3, { name: "channels", columns: ["running_mean", "gamma"], layers: ["bn"], values: 2 }),
      declared(4, { name: "own", columns: ["x"], layers: [], type: "float64" }),
      ...[1, 2, 3].flatMap((step) => [
        frame(0, step, [1 / step, 0.1, 0.01, 7], "float64"),
        frame(1, step, normNumbers),
        frame(2, step, [0.5, 0.25, Number.NaN, 1]),
      ]),
      frame(3, 3, [-1, 1, 0.5, 2]),
      frame(4, 3, [Number.POSITIVE_INFINITY], "float64"),
    ]),
    "graph.json": "not looked at here",
  },
  ranks: {
    "run.jsonl": [{ ...run, ranks: 3, layers: [bn] }, end],
    ...Object.fromEntries(["numbers.bin", "numbers-rank1.bin", "numbers-rank2.bin"].map((name) => [name, threeSteps])),
  },
  samples: {
    "run.jsonl": [run, end],
    "samples.jsonl": [
      { ...batch, classNames: ["cat", "dog"] },
      { ...answers, step: 0, eval: [0, 1, 1], shown: [] },
      sample,
      { type: "own", text: "kept, not read" },
      answers,
    ],
  },
  "rows-of-samples": {
    "run.jsonl": [run, end],
    "samples.jsonl": [
      { ...batch, image: null, columns: ["x", "y"] },
      { type: "sample", index: 1, row: [0.5, null] },
      answers,
    ],
  },
  "unknown-settings": {
    "run.jsonl": [
      {
        ...run,
        framework: "keras",
        settings: { optimizer: "ScheduleFreeSGD", warm: true },
        layers: [
          { id: "batch_normalization#1", name: "batch_normalization", kind: "BatchNormalization", norm: {} },
          {
            id: "batch_normalization#2",
            name: "batch_normalization",
            kind: "BatchNormalization",
            norm: { updateWeight: "cumulative" },
          },
        ],
        data: { name: null },
      },
      end,
    ],
  },
  "going-on": {
    "run.jsonl": Buffer.from(`${JSON.stringify(run)}\n{"type":"ev`),
    "numbers.bin": threeSteps.subarray(0, -10),
    "heartbeat.json": heartbeat,
  },
};

/** @type {Record<string, Files>} */
const bad = {
  "torn-tail": { "run.jsonl": [run, end], "numbers.bin": threeSteps.subarray(0, -10), expected: ["torn"] },
  "torn-line": {
    "run.jsonl": Buffer.from(`${JSON.stringify(run)}\n{"type":"en`),
    expected: ["unfinished-line", "no-sign-of-life"],
  },
  "damaged-middle": {
    "run.jsonl": [run, end],
    "numbers.bin": flipped(threeSteps, threeSteps.length - 40),
    expected: ["checksum"],
  },
  "truncated-header": { "run.jsonl": [run, end], "numbers.bin": threeSteps.subarray(3), expected: ["header"] },
  "from-the-future": { "run.jsonl": [{ ...run, schema: 3 }, end], expected: ["newer-version"] },
  "no-run-record": { "run.jsonl": [{ type: "eval", step: 1 }, end], expected: ["no-run-record"] },
  empty: { "run.jsonl": "", expected: ["no-run-record"] },
  "unknown-layer": {
    "run.jsonl": [run, { type: "gap", step: 1, layers: [{ layer: "bn9" }] }, end],
    "numbers.bin": Buffer.concat([HEADER, declared(0, normTable)]),
    expected: ["unknown-layer", "unknown-layer"],
  },
  "doubled-and-disordered": {
    "run.jsonl": [run, end],
    "numbers.bin": Buffer.concat([HEADER, steps, ...[1, 3, 3, 2].map(stepFrame)]),
    expected: ["doubled", "disordered"],
  },
  "odd-steps": {
    "run.jsonl": [run, { type: "eval", step: 3 }, { type: "eval", step: 2 }, end],
    "numbers.bin": Buffer.concat([HEADER, steps, frame(0, 1.5, [1], "float64"), frame(7, 1, [1])]),
    expected: ["steps-decrease", "step", "undeclared"],
  },
  "wrong-shape": {
    "run.jsonl": [{ ...run, layers: [bn, { id: "fc" }] }, end],
    "numbers.bin": Buffer.concat([
      HEADER,
      declared(0, { ...STEPS, layers: ["bn"] }),
      declared(1, { ...normTable, layers: ["fc"] }),
      declared(2, { name: "channels", columns: ["gamma"], layers: ["bn"], values: 3 }),
      declared(2, { name: "channels", columns: ["gamma"], layers: ["bn"], values: 2 }),
      declared(3, { name: "activity", columns: ["batch_f", "batch_f"], layers: [] }),
    ]),
    expected: ["declaration", "table-shape", "not-normalization", "table-shape", "table-shape", "table-shape"],
  },
  "wrong-values": {
    "run.jsonl": [
      { ...run, layers: [bn] },
      { ...population, layers: [{ layer: "bn", mean: [1, 0, 0, 0, 1], variance: [-1, 0, 0, 0, 1] }] },
      end,
    ],
    "numbers.bin": Buffer.concat([
      HEADER,
      declared(0, normTable),
      declared(1, { name: "activity", columns: ["dead_share"], layers: ["bn"] }),
      frame(0, 1, [...normNumbers.slice(0, 5).reverse(), -0.1, ...normNumbers.slice(6)]),
      frame(1, 1, [2]),
    ]),
    expected: ["quantiles-disordered", "negative-variance", "negative-variance", "quantiles-disordered", "not-a-share"],
  },
  "bad-line": {
    "run.jsonl": Buffer.from(
      [
        JSON.stringify(run),
        "not json",
        '{"type":"eval","step":-1}',
        JSON.stringify(end),
        '{"type":"eval","step":4}',
        "",
      ].join("\n"),
    ),
    expected: ["bad-line", "bad-line", "after-end"],
  },
  "layer-twice": { "run.jsonl": [{ ...run, layers: [bn, bn] }, end], expected: ["layer-twice"] },
  "wrong-samples": {
    "run.jsonl": [run, end],
    "samples.jsonl": [
      sample,
      { ...batch, labels: [0, 1] },
      batch,
      { ...sample, index: 3 },
      { ...sample, image: "AAAA" },
      answers,
      { ...answers, step: 1 },
      { ...answers, step: 3, eval: [0, 1] },
      { ...answers, step: 3, shown: [{ index: 1, probabilities: [[0, "much", 0]] }] },
    ],
    expected: ["bad-line", "bad-line", "bad-line", "bad-line", "bad-line", "steps-decrease", "bad-line", "bad-line"],
  },
  "torn-samples": {
    "run.jsonl": [run, end],
    "samples.jsonl": Buffer.from(`${JSON.stringify(batch)}\n{"type":"sam`),
    expected: ["unfinished-line"],
  },
  "bad-heartbeat": {
    "run.jsonl": [run],
    "heartbeat.json": { ...heartbeat, everySeconds: 0 },
    expected: ["bad-heartbeat"],
  },
  "no-sign-of-life": { "run.jsonl": [run], expected: ["no-sign-of-life"] },
  "wrong-ranks": {
    "run.jsonl": [{ ...run, ranks: 2 }, end],
    "numbers.bin": threeSteps,
    "numbers-rank2.bin": threeSteps,
    expected: ["rank-unexpected", "rank-missing"],
  },
};

/** @param {Buffer} bytes @param {number} at */
function flipped(bytes, at) {
  const damaged = Buffer.from(bytes);
  damaged[at] = (damaged[at] ?? 0) ^ 0x10;
  return damaged;
}

/** @param {Files[string]} content @returns {string | Buffer} */
function textOf(content) {
  if (typeof content === "string" || Buffer.isBuffer(content)) return content;
  if (Array.isArray(content)) return content.map((line) => `${JSON.stringify(line)}\n`).join("");
  return JSON.stringify(content);
}

/** @param {string} kind @param {Record<string, Files>} cases */
function write(kind, cases) {
  fs.rmSync(path.join(here, kind), { recursive: true, force: true });
  for (const [name, { expected = [], ...files }] of Object.entries(cases)) {
    const folder = path.join(here, kind, name);
    fs.mkdirSync(folder, { recursive: true });
    for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), textOf(content));
    fs.writeFileSync(path.join(folder, "expected.json"), `${JSON.stringify(expected)}\n`);
  }
}

write("good", good);
write("bad", bad);
