/**
 * Our half of the comparison with PyTorch: reads each model, writes its first weights, the batches, the gradients of
 * the first one, the losses of some SGD steps, and the weights after them.
 *
 *   node out/compare/trainOurs.js <models.json> <folder of sources> <folder for results>
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { labelsPerSample } from "../../engine/nn/outputLoss";
import { Random } from "../../engine/nn/random";
import { trainabilityProblems } from "../../engine/graph/trainable";
import { batchNormLayers } from "../../engine/protocol/modelGraph";
import { describeProblem } from "../../engine/protocol/problems";
import type { LossName } from "../../engine/protocol/trainConfig";
import { encodeSafetensors } from "../../engine/runs/safetensors";
import { readModelFile } from "../../engine/source/readModel";
import type { ResolveModule } from "../../engine/python/resolveModule";
import { chooseKernels } from "../../engine/training/chooseKernels";
import { TrainingSession } from "../../engine/training/session";
import { stateDict } from "../../engine/training/stateDict";
import { createModuleResolver } from "../../engine/workspace/moduleResolver";

export interface ComparedModel {
  readonly name: string;
  /** Below the folder of sources, where the comparison has put it. */
  readonly file: string;
  readonly root: string;
  readonly model: string;
  readonly input: readonly number[];
  readonly batch: number;
  readonly classes: number;
  readonly loss: LossName;
}

const STEPS = 20;
/**
 * Small enough that rounding errors are not driven apart: at 0.001 VGG-16's losses by PyTorch itself in float32 and in
 * float64 differ by 9e-3 after five steps, at 0.01 those of a ResNet-18 by 5e-3 after twelve.
 */
const RATE = 0.00001;

const [, , list = "", results = ""] = process.argv;
const kernels = chooseKernels();

for (const compared of JSON.parse(readFileSync(list, "utf8")) as ComparedModel[]) {
  const problem = train(compared);
  console.log(`${compared.name.padEnd(22)} ${problem ?? "trained"}`);
}

/** Returns why a model could not be trained, or null. */
function train(compared: ComparedModel): string | null {
  const { name, file, root, model, input, batch, classes, loss } = compared;
  const resolveModule: ResolveModule = createModuleResolver(existsSync(root) ? root : dirname(file));
  const { variant: graph, problems } = readModelFile({
    path: file,
    text: readFileSync(file, "utf8"),
    model,
    inputs: [input],
    resolveModule,
  });
  const [problem] = graph === null ? problems : trainabilityProblems(graph);
  const write = (ending: string, content: Uint8Array | string): void =>
    writeFileSync(join(results, `${name}.${ending}`), content);
  if (graph === null || problem !== undefined) {
    const reason = problem === undefined ? "no model was read" : describeProblem(problem).sentence;
    write("json", JSON.stringify({ refused: reason }));
    return reason;
  }
  const session = new TrainingSession({ graph, batchSize: batch, optimizer: "sgd", seed: 1, loss, kernels });
  write("init.safetensors", encodeSafetensors(stateDict(session)));
  const random = new Random(1, name);
  const size = input.reduce((product, length) => product * length, 1);
  const labelCount = batch * labelsPerSample(session.network.output);
  const samples = Float32Array.from({ length: STEPS * batch * size }, () => random.normal());
  const labels = Int32Array.from({ length: STEPS * labelCount }, () => random.integer(classes));
  const losses = Array.from({ length: STEPS }, (_, step) => {
    const loss = session.trainStep(
      {
        count: batch,
        samples: samples.subarray(step * batch * size, (step + 1) * batch * size),
        labels: labels.subarray(step * labelCount, (step + 1) * labelCount),
      },
      RATE,
    );
    if (step === 0)
      write(
        "gradients.safetensors",
        encodeSafetensors(
          session.parameters.specs.map(({ name: key, shape }) => ({
            name: key,
            shape,
            values: session.parameters.read(key, "gradients"),
          })),
        ),
      );
    return loss;
  });
  write("final.safetensors", encodeSafetensors(stateDict(session)));
  write("samples.f32", new Uint8Array(samples.buffer));
  write("labels.i32", new Uint8Array(labels.buffer));
  const norms = batchNormLayers(graph).map((layer) => ({
    name: layer.name,
    features: layer.op.numFeatures,
    eps: layer.op.epsilon,
    momentum: layer.op.runningStatsUpdateWeight,
  }));
  write("json", JSON.stringify({ file: basename(file), steps: STEPS, rate: RATE, losses, norms }));
  return null;
}
