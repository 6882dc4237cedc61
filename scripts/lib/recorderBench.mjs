// What recording costs a training: the same steps with the recorder and without, in alternating blocks of one process.
import path from "node:path";
import { ensurePythonEnv } from "../pythonEnv.mjs";
import { inRepo } from "./paths.mjs";
import { run } from "./process.mjs";

/**
 * @typedef {{ name: string, layers: number, without: number, with: number, share: number, error: number,
 * looks: number, looking: number, lookingError: number, samples: number, steps: number }} Row
 */

const TIMEOUT_MS = 20 * 60_000;
const folder = inRepo("test", "bench", "recorder");
/** One process each, so that compiled code and memory of one case is not in the way of the next. */
const CASES = [
  ...["mlp", "mlp-compiled", "deep", "deep-compiled", "resnet20", "resnet20-compiled"].map((name) => [
    "pytorch.py",
    name,
  ]),
  ...["tensorflow", "torch", "jax"].map((backend) => ["keras_backends.py", backend]),
];

/** Measures and prints a table. */
export async function benchRecorder() {
  const environment = await ensurePythonEnv();
  if ("reason" in environment) {
    console.log(`Recorder: not measured, because ${environment.reason}.`);
    return;
  }
  console.log("Recorder, one thread, medians of alternating blocks, ± one standard error:");
  console.log(
    "| training | BN layers | ms a step without | with | more | of that in looks | looks and samples in steps |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const [file = "", name = ""] of CASES) {
    const { code, output } = await run(environment.python, [path.join(folder, file), name], {
      cwd: folder,
      env: { ...process.env, OMP_NUM_THREADS: "1", TF_NUM_INTRAOP_THREADS: "1" },
      output: "capture",
      timeoutMs: TIMEOUT_MS,
    });
    console.log(code === 0 ? describe(output) : `| ${name} | failed with code ${code} | | | | | |`);
  }
}

/** @param {string} output one of its lines is the result; others are what frameworks say */
function describe(output) {
  /** @type {Row} */
  const row = JSON.parse(output.split("\n").findLast((line) => line.startsWith("{")) ?? "");
  const { name, layers, looks, samples, steps } = row;
  const more = percent(row.share, row.error);
  const looking = percent(row.looking, row.lookingError);
  const times = [row.without, row.with].map((ms) => ms.toFixed(3)).join(" | ");
  return `| ${name} | ${layers} | ${times} | ${more} | ${looking} | ${looks}, ${samples} in ${steps} |`;
}

/**
 * @param {number} share
 * @param {number} error
 */
const percent = (share, error) => `${(100 * share).toFixed(2)} ± ${(100 * error).toFixed(2)} %`;
