// What a person waits for, measured side by side in one run: reading, training steps, and activation in a real VS Code.
//   npm run bench                  everything
//   npm run bench -- activation    only these parts (lib/benchNames.mjs has their names)
//   npm run bench -- lint FOLDER…  linting of these folders
import fs from "node:fs";
import os from "node:os";
import { runInExtensionHost } from "../test/host/extensionHost.mjs";
import { chooseVsCode } from "../test/host/whichVsCode.mjs";
import { build } from "./build.mjs";
import { installPackages } from "./install.mjs";
import { chooseBenches } from "./lib/benchNames.mjs";
import { benchLint } from "./lib/lintBench.mjs";
import { inRepo, root } from "./lib/paths.mjs";
import { run } from "./lib/process.mjs";
import { benchRecorder } from "./lib/recorderBench.mjs";
import { benchWorkloads } from "./lib/workloads.mjs";
import { packageExtension } from "./package.mjs";

const ACTIVATIONS = 5;
const TIMEOUT_MS = 10 * 60_000;

/** @type {Readonly<Record<import('./lib/benchNames.mjs').BenchName, () => Promise<unknown>>>} */
const BENCHES = {
  engine: () => run(process.execPath, [inRepo("out", "bench", "engine.js")], { cwd: root, timeoutMs: TIMEOUT_MS }),
  instruments: () =>
    run(process.execPath, [inRepo("out", "bench", "instruments.js")], { cwd: root, timeoutMs: TIMEOUT_MS }),
  workloads: benchWorkloads,
  recorder: benchRecorder,
  activation: benchActivation,
  typing: () => benchInEditor("typing"),
  runs: () => benchInEditor("runs"),
  live: () => benchInEditor("live"),
  lint: () => benchLint(folders),
};

const { chosen, folders, refusal } = chooseBenches(process.argv.slice(2));
if (refusal !== null) {
  console.error(refusal);
  process.exit(2);
}
await installPackages();
await build({ production: true });
const esbuild = await import("esbuild");
await esbuild.build({
  entryPoints: [
    "test/bench/engine.ts",
    "test/bench/instruments.ts",
    "test/bench/activation.ts",
    "test/bench/kernels.ts",
    "test/bench/lint.ts",
    "test/bench/makeLargeRun.ts",
    "test/bench/workloads/ours.ts",
  ],
  outbase: "test/bench",
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  external: ["vscode"],
  loader: { ".wasm": "binary" },
  outdir: "out/bench",
  logLevel: "warning",
});
console.log(`${os.cpus()[0]?.model.trim()}, ${os.cpus().length} cores, Node ${process.version}`);
for (const name of chosen) await BENCHES[name]();

/** @param {"typing" | "runs" | "live"} name */
async function benchInEditor(name) {
  await packageExtension();
  await run(process.execPath, [inRepo("test", "bench", `${name}.mjs`)], { cwd: root, timeoutMs: TIMEOUT_MS });
}

/** Each activation in a separate VS Code: a second one in the same host would find the code loaded. */
async function benchActivation() {
  const { executable, description } = await chooseVsCode();
  const results = inRepo("out", "bench", "activation.txt");
  fs.rmSync(results, { force: true });
  for (let index = 0; index < ACTIVATIONS; index++)
    await runInExtensionHost({
      executable,
      script: inRepo("out", "bench", "activation.js"),
      env: { NORMLENS_BENCH_RESULTS: results },
    });
  const times = fs
    .readFileSync(results, "utf8")
    .trim()
    .split("\n")
    .map(Number)
    .sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)] ?? NaN;
  console.log(
    `activation, ${description}: median ${middle.toFixed(1)} ms of ${times.length} ` +
      `(${times.map((time) => time.toFixed(1)).join(", ")})`,
  );
}
