// One training step, side by side: our engine, PyTorch and tfjs-wasm, each in a separate process, taking turns, so
// that a
// busy moment of the machine hits all of them alike. What counts is the fastest step of each.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { ensureVsCode } from "../../test/host/install.mjs";
import { hostNode } from "../../test/host/versions.mjs";
import { benchProduct } from "./kernelBench.mjs";
import { inRepo } from "./paths.mjs";
import { run } from "./process.mjs";
import { pythonWith } from "./python.mjs";

/** @typedef {{ name: string, file: string, batch: number, what: string }} Workload */
/**
 * @typedef {{ ms: number, cores: number }} Turn milliseconds of the fastest step, and how many cores were busy in the
 * turn
 */
/**
 * @typedef {{ label: string, threads: number, version: string, workloads: readonly string[], steps: (name: string,
 * count: number) => Promise<Turn>, stop: () => void }} Side
 */
/**
 * @typedef {{ label: string, threads: number, command: string, args: readonly string[], env?: NodeJS.ProcessEnv }}
 * Start
 */

const folder = inRepo("test", "bench", "workloads");
/** @type {readonly Workload[]} */
const WORKLOADS = [
  { name: "W1", file: path.join(folder, "w1.py"), batch: 60, what: "784-100-100-100-10, sigmoid, BN, batch 60" },
  { name: "W2", file: path.join(folder, "w2.py"), batch: 128, what: "784-512-512-10, ReLU, BN, batch 128" },
  { name: "W3", file: path.join(folder, "w3.py"), batch: 64, what: "3 convolutions, BN, 1×28×28, batch 64" },
  { name: "W4", file: path.join(folder, "w4.py"), batch: 32, what: "ResNet-20, 3×32×32, batch 32" },
];
const THREADS = os.cpus().length > 1 ? [1, 2] : [1];
const ROUNDS = 12;
const TURN_MS = 150;
/** Between turns: threads of the previous process still spin for a while. */
const PAUSE_MS = 60;
const TFJS = "4.22.0";

/** Measures everything that is there, prints a table and writes it to docs/BENCHMARKS.md. */
export async function benchWorkloads() {
  const sides = await startSides();
  try {
    /** @type {Map<string, Turn>} */
    const fastest = new Map();
    // Sides with the same number of threads take turns with one another.
    for (const threads of THREADS)
      await takeTurns(
        sides.filter((side) => side.threads === threads),
        fastest,
      );
    const product = await benchProduct((await newerNode()) ?? process.execPath);
    const report = describe(sides, fastest, product);
    console.log(report);
    fs.writeFileSync(inRepo("docs", "BENCHMARKS.md"), report);
  } finally {
    for (const side of sides) side.stop();
  }
}

/** @returns {Promise<Side[]>} */
async function startSides() {
  const list = JSON.stringify(WORKLOADS);
  const ours = inRepo("out", "bench", "workloads", "ours.js");
  const helper = inRepo("dist", "kernelWorker.js");
  const newer = await newerNode();
  const python = await pythonWith("torch");
  if (python === null) console.log("PyTorch is not installed (Debian: python3-torch): not compared with.");
  const tfjs = await tfjsFolder();
  const starts = THREADS.flatMap((threads) => {
    /** @type {Start[]} */
    const some = [{ label: "NormLens", threads, command: process.execPath, args: [ours, list, `${threads}`, helper] }];
    if (newer !== null)
      some.unshift({ label: "NormLens, 256 bit", threads, command: newer, args: [ours, list, `${threads}`, helper] });
    // OpenBLAS has its own threads, which PyTorch's setting does not change.
    const env = { ...process.env, OPENBLAS_NUM_THREADS: `${threads}` };
    for (const layout of python === null ? [] : ["contiguous", "channels_last"])
      some.push({
        label: `PyTorch, ${layout}`,
        threads,
        command: python ?? "",
        args: [path.join(folder, "pytorch.py"), list, `${threads}`, layout],
        env,
      });
    if (tfjs !== null && threads === 1)
      some.push({
        label: "tfjs-wasm",
        threads,
        command: process.execPath,
        args: [path.join(folder, "tfjs.mjs"), list, tfjs],
      });
    return some;
  });
  return Promise.all(starts.map(startSide));
}

/** @returns {Promise<string | null>} the Node that VS Code brings, where it has wider vectors than this one */
async function newerNode() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return null;
  try {
    return hostNode(await ensureVsCode());
  } catch {
    return null;
  }
}

async function tfjsFolder() {
  const target = inRepo("out", "bench", "peers");
  if (fs.existsSync(path.join(target, "node_modules", "@tensorflow", "tfjs-backend-wasm"))) return target;
  fs.mkdirSync(target, { recursive: true });
  fs.writeFileSync(path.join(target, "package.json"), "{}");
  const { code } = await run(
    "npm",
    [
      "install",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "--loglevel=error",
      `@tensorflow/tfjs@${TFJS}`,
      `@tensorflow/tfjs-backend-wasm@${TFJS}`,
    ],
    { cwd: target, output: "capture", timeoutMs: 5 * 60_000 },
  );
  if (code === 0) return target;
  console.log("TensorFlow.js could not be installed: not compared with.");
  return null;
}

/**
 * @param {Start} start
 * @returns {Promise<Side>}
 */
async function startSide({ label, threads, command, args, env }) {
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "inherit"], env });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`${label} ended early`);
    return JSON.parse(value);
  };
  const first = await next();
  return {
    label,
    threads,
    version: first.ready,
    workloads: first.workloads ?? WORKLOADS.map(({ name }) => name),
    async steps(name, count) {
      child.stdin.write(`${name} ${count}\n`);
      return next();
    },
    stop: () => child.kill(),
  };
}

const keyOf = (/** @type {string} */ workload, /** @type {Side} */ { label, threads }) =>
  `${workload} ${label} ${threads}`;

/**
 * @param {readonly Side[]} sides
 * @param {Map<string, Turn>} fastest by workload and side; the fastest turns are put in
 */
async function takeTurns(sides, fastest) {
  for (const { name } of WORKLOADS) {
    const there = sides.filter(({ workloads }) => workloads.includes(name));
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of there) {
        const known = fastest.get(keyOf(name, side));
        await setTimeout(PAUSE_MS);
        const turn = await side.steps(name, known === undefined ? 3 : Math.max(1, Math.round(TURN_MS / known.ms)));
        if (known === undefined || turn.ms < known.ms) fastest.set(keyOf(name, side), turn);
      }
    }
  }
}

/**
 * @param {readonly Side[]} sides
 * @param {ReadonlyMap<string, Turn>} fastest
 * @param {Awaited<ReturnType<typeof benchProduct>>} product
 */
function describe(sides, fastest, product) {
  const versions = new Map(sides.map(({ label, version }) => [label, version]));
  return `# Benchmarks

Written by \`npm run bench -- workloads\`. One training step (forward, loss, backward, SGD); the processes take turns,
${ROUNDS} each, and the fastest step counts. PyTorch gets as many threads of OpenBLAS as of its own: without that it
takes two on "one thread".  ${os.cpus()[0]?.model.trim()}, ${os.cpus().length} cores.

${[...versions].map(([label, version]) => `- ${label}: ${version}`).join("\n")}

${WORKLOADS.map(({ name, what }) => `- ${name}: ${what}`).join("\n")}
${THREADS.map((threads) =>
  describeThreads(
    threads,
    sides.filter((side) => side.threads === threads),
    fastest,
  ),
).join("")}${product === null ? "" : describeProduct(product)}`;
}

/** @param {{ size: number, product: number, peak: number }} product */
function describeProduct({ size, product, peak }) {
  return `
## Matrix product

${size}³ on one thread: ${product.toFixed(1)} GF/s, ${((100 * product) / peak).toFixed(0)} % of the ${peak.toFixed(1)}
GF/s that multiplying and adding in registers reaches (fastest of 6 processes).
`;
}

/**
 * @param {number} threads
 * @param {readonly Side[]} sides
 * @param {ReadonlyMap<string, Turn>} fastest
 */
function describeThreads(threads, sides, fastest) {
  const [ours] = sides;
  const peers = sides.filter(({ label }) => !label.startsWith("NormLens"));
  const turn = (/** @type {string} */ name, /** @type {Side | undefined} */ side) =>
    side && fastest.get(keyOf(name, side));
  const time = (/** @type {Turn | undefined} */ found) =>
    found ? `${found.ms.toFixed(3)} (${found.cores.toFixed(1)})` : "–";
  const ratio = (/** @type {string} */ name, /** @type {Side} */ peer) => {
    const value = (turn(name, peer)?.ms ?? NaN) / (turn(name, ours)?.ms ?? NaN);
    return Number.isFinite(value) ? value.toFixed(2) : "–";
  };
  const row = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const table = (/** @type {readonly Side[]} */ columns, /** @type {(name: string, side: Side) => string} */ cell) =>
    [
      row(["", ...columns.map(({ label }) => label)]),
      row(["---", ...columns.map(() => "---")]),
      ...WORKLOADS.map(({ name }) => row([name, ...columns.map((side) => cell(name, side))])),
    ].join("\n");
  return `
## ${threads} thread${threads === 1 ? "" : "s"}: milliseconds of the fastest step (busy cores)

${table(sides, (name, side) => time(turn(name, side)))}

Their time ÷ ours (${ours?.label}):

${table(peers, ratio)}
`;
}
