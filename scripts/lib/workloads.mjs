// One training step, side by side: our engine, PyTorch and tfjs-wasm, each in a process of its own, taking turns, so that a
// busy moment of the machine hits all of them alike. What counts is the fastest turn of each.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { ensureVsCode } from "../../test/host/install.mjs";
import { hostNode } from "../../test/host/versions.mjs";
import { inRepo } from "./paths.mjs";
import { run } from "./process.mjs";
import { pythonWith } from "./python.mjs";

/** @typedef {{ name: string, file: string, batch: number, what: string }} Workload */
/** @typedef {{ label: string, version: string, workloads: readonly string[], steps: (name: string, count: number) => Promise<number>, stop: () => void }} Side */

const folder = inRepo("test", "bench", "workloads");
/** @type {readonly Workload[]} */
const WORKLOADS = [
  { name: "W1", file: path.join(folder, "w1.py"), batch: 60, what: "784-100-100-100-10, sigmoid, BN, batch 60" },
  { name: "W2", file: path.join(folder, "w2.py"), batch: 128, what: "784-512-512-10, ReLU, BN, batch 128" },
  { name: "W3", file: path.join(folder, "w3.py"), batch: 64, what: "3 convolutions, BN, 1×28×28, batch 64" },
  { name: "W4", file: path.join(folder, "w4.py"), batch: 32, what: "ResNet-20, 3×32×32, batch 32" },
];
const ROUNDS = 12;
const TURN_MS = 60;
const TFJS = "4.22.0";

/** Measures everything that is there, prints a table and writes it to docs/BENCHMARKS.md. */
export async function benchWorkloads() {
  const sides = await startSides();
  try {
    const fastest = await takeTurns(sides);
    const report = describe(sides, fastest);
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
  const newer = await newerNode();
  const python = await pythonWith("torch");
  if (python === null) console.log("PyTorch is not installed (Debian: python3-torch): not compared with.");
  const tfjs = await tfjsFolder();
  /** @type {[label: string, command: string, args: string[]][]} */
  const commands = [
    ...(newer === null ? [] : [/** @type {[string, string, string[]]} */ (["NormLens, 256 bit", newer, [ours, list]])]),
    ["NormLens", process.execPath, [ours, list]],
    ...(python === null ? [] : ["contiguous", "channels_last"].map((layout) => /** @type {[string, string, string[]]} */ ([`PyTorch, ${layout}`, python, [path.join(folder, "pytorch.py"), list, "1", layout]]))),
    ...(tfjs === null ? [] : [/** @type {[string, string, string[]]} */ (["tfjs-wasm", process.execPath, [path.join(folder, "tfjs.mjs"), list, tfjs]])]),
  ];
  return Promise.all(commands.map(([label, command, args]) => startSide(label, command, args)));
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
  const { code } = await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", `@tensorflow/tfjs@${TFJS}`, `@tensorflow/tfjs-backend-wasm@${TFJS}`], { cwd: target, output: "capture", timeoutMs: 5 * 60_000 });
  if (code === 0) return target;
  console.log("TensorFlow.js could not be installed: not compared with.");
  return null;
}

/**
 * @param {string} label
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<Side>}
 */
async function startSide(label, command, args) {
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`${label} ended early`);
    return JSON.parse(value);
  };
  const first = await next();
  return {
    label,
    version: first.ready,
    workloads: first.workloads ?? WORKLOADS.map(({ name }) => name),
    async steps(name, count) {
      child.stdin.write(`${name} ${count}\n`);
      return (await next()).ms;
    },
    stop: () => child.kill(),
  };
}

/**
 * @param {readonly Side[]} sides
 * @returns {Promise<Map<string, number>>} by `workload side`, in ms
 */
async function takeTurns(sides) {
  /** @type {Map<string, number>} */
  const fastest = new Map();
  for (const { name } of WORKLOADS) {
    const there = sides.filter(({ workloads }) => workloads.includes(name));
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of there) {
        const key = `${name} ${side.label}`;
        const known = fastest.get(key) ?? Infinity;
        const count = Number.isFinite(known) ? Math.max(1, Math.round(TURN_MS / known)) : 3;
        fastest.set(key, Math.min(known, await side.steps(name, count)));
      }
    }
  }
  return fastest;
}

/**
 * @param {readonly Side[]} sides
 * @param {ReadonlyMap<string, number>} fastest
 */
function describe(sides, fastest) {
  const [ours] = sides;
  const peers = sides.filter(({ label }) => !label.startsWith("NormLens"));
  const ms = (/** @type {string} */ name, /** @type {string} */ label) => fastest.get(`${name} ${label}`) ?? NaN;
  const cell = (/** @type {number} */ value, /** @type {number} */ digits) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
  const row = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const table = (/** @type {readonly string[]} */ head, /** @type {readonly (readonly string[])[]} */ rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
  return `# Benchmarks

Written by \`npm run bench -- workloads\`. One training step (forward, loss, backward, SGD) on one thread; the processes take
turns, and the fastest of ${ROUNDS} turns counts. ${os.cpus()[0]?.model.trim()}, ${os.cpus().length} cores.

${sides.map(({ label, version }) => `- ${label}: ${version}`).join("\n")}

## Milliseconds per step

${table(["", ...sides.map(({ label }) => label)], WORKLOADS.map(({ name }) => [name, ...sides.map(({ label }) => cell(ms(name, label), 3))]))}

## Their time ÷ ours (${ours?.label})

${table(["", ...peers.map(({ label }) => label)], WORKLOADS.map(({ name }) => [name, ...peers.map(({ label }) => cell(ms(name, label) / ms(name, ours?.label ?? ""), 2))]))}

${WORKLOADS.map(({ name, what }) => `- ${name}: ${what}`).join("\n")}
`;
}
