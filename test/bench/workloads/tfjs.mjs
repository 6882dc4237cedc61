// @ts-nocheck the packages it takes are no dependencies of ours, and bring no types here
// TensorFlow.js with its WebAssembly backend as one side of the comparison, for the workloads it can train (no gradient
// of convolutions there). The packages are taken from the folder in the third argument.
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";

const [, , workloads = "[]", folder = "."] = process.argv;
const require = createRequire(path.join(path.resolve(folder), "package.json"));
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(`${path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
wasm.setThreadsCount(1);
await tf.setBackend("wasm");
await tf.ready();

/** Widths and activation. */
const NETWORKS = { W1: [[784, 100, 100, 100, 10], tf.sigmoid], W2: [[784, 512, 512, 10], tf.relu] };
const optimizer = tf.train.sgd(0.01);

/** Batch normalization in training: its statistics are the batch's, and moving averages are kept beside them. */
function batchNorm(channels) {
  const [gamma, beta] = [tf.variable(tf.ones([channels])), tf.variable(tf.zeros([channels]))];
  const running = { mean: tf.variable(tf.zeros([channels]), false), variance: tf.variable(tf.ones([channels]), false) };
  let batch;
  return {
    apply(x) {
      batch = tf.moments(x, [0]);
      tf.keep(batch.mean);
      tf.keep(batch.variance);
      return tf.batchNorm(x, batch.mean, batch.variance, beta, gamma, 1e-5);
    },
    update() {
      tf.tidy(() => {
        running.mean.assign(running.mean.mul(0.9).add(batch.mean.mul(0.1)));
        running.variance.assign(running.variance.mul(0.9).add(batch.variance.mul(0.1)));
      });
      tf.dispose(batch);
    },
  };
}

function prepare({ name, batch }) {
  const [widths, activation] = NETWORKS[name];
  const weights = widths.slice(1).map((out, index) => tf.variable(tf.randomNormal([widths[index], out], 0, 0.1)));
  const norms = widths.slice(1, -1).map(batchNorm);
  const bias = tf.variable(tf.zeros([10]));
  const x = tf.randomNormal([batch, widths[0]]);
  const y = tf
    .oneHot(
      tf.tensor1d(
        Array.from({ length: batch }, (_, index) => index % 10),
        "int32",
      ),
      10,
    )
    .toFloat();
  const forward = () => {
    let value = x;
    for (const [index, norm] of norms.entries()) value = activation(norm.apply(tf.matMul(value, weights[index])));
    return tf.add(tf.matMul(value, weights.at(-1)), bias);
  };
  return async () => {
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, forward()), true);
    for (const norm of norms) norm.update();
    await loss.data();
    loss.dispose();
  };
}

const steps = new Map(
  JSON.parse(workloads)
    .filter(({ name }) => name in NETWORKS)
    .map((workload) => [workload.name, prepare(workload)]),
);
console.log(JSON.stringify({ ready: `tfjs-wasm ${tf.version.tfjs}`, workloads: [...steps.keys()] }));
for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = line.split(" ");
  const start = performance.now();
  const startCpu = process.cpuUsage();
  let fastest = Infinity;
  for (let index = 0; index < Number(count); index++) {
    const before = performance.now();
    await steps.get(name)();
    fastest = Math.min(fastest, performance.now() - before);
  }
  const { user, system } = process.cpuUsage(startCpu);
  console.log(JSON.stringify({ ms: fastest, cores: (user + system) / 1000 / (performance.now() - start) }));
}
