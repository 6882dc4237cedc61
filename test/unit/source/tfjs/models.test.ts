import { strict as assert } from "node:assert";
import fc from "fast-check";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { inspectionOf } from "../../../../engine/source/inspect";
import { readModelFile } from "../../../../engine/source/readModel";
import type { ModelReading } from "../../../../engine/source/modelReading";
import { rows } from "../keras/helpers";

const IMPORT = "import * as tf from '@tensorflow/tfjs';\n";

function read(text: string, path = "model.js", model?: string): ModelReading {
  return readModelFile({ path, text, ...(model === undefined ? {} : { model }) });
}

function rowsOf(text: string, path?: string, model?: string): string[] {
  const reading = read(text, path, model);
  assert.ok(reading.graph, JSON.stringify(reading.problems));
  assert.deepEqual(
    reading.unknowns.map(({ reason }) => reason),
    [],
  );
  return rows(reading.graph);
}

const MODEL = `${IMPORT}
const SIZE = 28;
function createModel(filters = 8) {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({inputShape: [SIZE, SIZE, 1], kernelSize: 3, filters: filters * 2, activation: 'relu'}));
  for (const f of [4, 8]) {
    model.add(tf.layers.conv2d({kernelSize: 3, filters: f, useBias: false, padding: 'same'}));
    model.add(tf.layers.batchNormalization({momentum: 0.9}));
  }
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({units: 10}));
  model.compile({optimizer: tf.train.adam(), loss: 'x', callbacks: {onEnd: () => 1}});
  return model;
}
`;

describe("TensorFlow.js models", () => {
  it("grow by add, in functions and loops, named as TensorFlow.js names them", () => {
    assert.deepEqual(rowsOf(MODEL), [
      "conv2d_Conv2D1 26x26x16 160",
      "conv2d_Conv2D2 26x26x4 576",
      "batch_normalization_BatchNormalization1 26x26x4 16",
      "conv2d_Conv2D3 26x26x8 288",
      "batch_normalization_BatchNormalization2 26x26x8 32",
      "flatten_Flatten1 5408 0",
      "dense_Dense1 10 54090",
    ]);
  });
  it("come as a list, from a script tag or require, in TypeScript too", () => {
    const list =
      "tf.sequential({layers: [tf.layers.dense({units: 4, inputShape: [3]}), " +
      "tf.layers.batchNormalization(), tf.layers.reLU()]});\n";
    const expected = ["dense_Dense1 4 16", "batch_normalization_BatchNormalization1 4 16", "re_lu_ReLU1 4 0"];
    assert.deepEqual(rowsOf(`const model = ${list}`), expected);
    assert.deepEqual(rowsOf(`const tf = require('@tensorflow/tfjs-node');\nconst model = ${list}`), expected);
    assert.deepEqual(rowsOf(`${IMPORT}export const model: tf.Sequential = ${list}`, "model.ts"), expected);
  });
  it("apply layers to inputs", () => {
    const text =
      `${IMPORT}const input = tf.input({shape: [4]});\nconst a = tf.layers.dense({units: 3}).apply(input);\n` +
      `const b = tf.layers.batchNormalization({axis: -1}).apply(a) as tf.SymbolicTensor;\nconst model = ` +
      `tf.model({inputs: input, outputs: tf.layers.concatenate().apply([a, b])});\n`;
    assert.deepEqual(rowsOf(text, "model.ts"), [
      "dense_Dense1 3 15",
      "batch_normalization_BatchNormalization1 3 12",
      "concatenate_Concatenate1 6 0",
    ]);
  });
  it("speak Keras's momentum", () => {
    const reading = read(MODEL);
    assert.deepEqual(
      inspectionOf(reading).batchNorms.map(({ momentum, eps }) => [momentum, eps]),
      [
        [0.9, 0.001],
        [0.9, 0.001],
      ],
    );
    assert.deepEqual(
      reading.graph === null ? [] : batchNormLayers(reading.graph).map(({ op }) => op.featureAxis),
      [2, 2],
    );
  });
  it("count where a loop counts", () => {
    const text =
      `${IMPORT}const model = tf.sequential();\nmodel.add(tf.layers.dense({units: 2, inputShape: [2]}));\n` +
      `for (let i = 0; i < 3; i++) {\n  model.add(tf.layers.dense({units: 2}));\n}\n`;
    assert.equal(read(text).graph?.parameters, 24);
  });
});

describe("What JavaScript does not say", () => {
  const unknown = (expression: string, before = ""): string =>
    `${IMPORT}${before}const model = tf.sequential({layers: [tf.layers.dense({units: ${expression}, ` +
    `inputShape: [3]})]});\n`;
  it("is reported, and nothing looks certain", () => {
    for (const [expression, before] of [
      ["window.size", ""],
      ["7 / 2", ""],
      ["config.units", "const config = {units: 3};\n"],
      ["n", "let n = 2;\n{ let n = 3; }\n"],
      ["f(2)", "import {f} from './other.js';\n"],
      ["n", "const {n} = settings;\n"],
      ["-7 % 3", ""],
      ["new Thing().n", ""],
    ] as const) {
      const reading = read(unknown(expression, before));
      assert.equal(reading.graph?.parameters ?? null, null, expression);
      assert.ok(reading.unknowns.length > 0 || reading.problems.length > 0, expression);
    }
    assert.match(
      read(`${IMPORT}const model = tf.sequential({layers: [tf.layers.gru({units: 2, inputShape: [3, 4]})]});\n`)
        .unknowns.map(({ reason }) => reason)
        .join(),
      /tfjs\.layers\.gru/,
    );
    assert.match(
      read(`${IMPORT}const model = tf.sequential({layers: [tf.layers.dense({unit: 2, inputShape: [3]})]});\n`)
        .unknowns.map(({ reason }) => reason)
        .join(),
      /has no argument unit/,
    );
  });
  it("never throws, wherever the text ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: MODEL.length }),
        fc.boolean(),
        (end, isTypeScript) => void read(MODEL.slice(0, end), isTypeScript ? "m.ts" : "m.js"),
      ),
      { numRuns: 200 },
    );
  });
});
