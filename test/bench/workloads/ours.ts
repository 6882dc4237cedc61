/**
 * The engine as one side of the comparison: a line `W1 5` on stdin runs five steps and answers with the milliseconds of
 * the fastest.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { readModelFile } from "../../../engine/source/readModel";
import { Random } from "../../../engine/nn/random";
import { inputShapeOf } from "../../../engine/protocol/modelGraph";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { ThreadTeam } from "../../../engine/training/threads/threadTeam";

type Step = () => void;

const kernels = chooseKernels();
const [, , workloads = "[]", threads = "1", helperFile = ""] = process.argv;
const steps = new Map<string, Step>();

for (const workload of JSON.parse(workloads) as { name: string; file: string; batch: number }[]) {
  const { graph } = readModelFile({ path: workload.file, text: readFileSync(workload.file, "utf8") });
  if (graph === null) throw new Error(`${workload.file} cannot be read`);
  const team = new ThreadTeam(Number(threads), helperFile);
  const session = new TrainingSession({ graph, batchSize: workload.batch, optimizer: "sgd", seed: 1, kernels, team });
  team.start();
  const random = new Random(1, workload.name);
  const size = (inputShapeOf(graph) ?? []).reduce((product, length) => product * length, 1);
  const samples = Float32Array.from({ length: workload.batch * size }, () => random.normal());
  const labels = Int32Array.from({ length: workload.batch }, (_, index) => index % 10);
  steps.set(workload.name, () => void session.trainStep({ samples, labels, count: workload.batch }, 0.01));
}

console.log(JSON.stringify({ ready: `Node ${process.version}, ${kernels.module} ${kernels.wide ? 16 : 8} columns` }));
createInterface({ input: process.stdin }).on("line", (line) => {
  const [name = "", count = "1"] = line.split(" ");
  const step = steps.get(name);
  if (step === undefined) throw new Error(`there is no workload ${name}`);
  const start = performance.now();
  const startCpu = process.cpuUsage();
  let fastest = Infinity;
  for (let index = 0; index < Number(count); index++) {
    const before = performance.now();
    step();
    fastest = Math.min(fastest, performance.now() - before);
  }
  const { user, system } = process.cpuUsage(startCpu);
  console.log(JSON.stringify({ ms: fastest, cores: (user + system) / 1000 / (performance.now() - start) }));
});
