import * as assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { axisToDivide, divisibleKernels, writePart } from "../../../../engine/nn/kernels/division";
import type { Division } from "../../../../engine/nn/kernels/divisions";
import type { KernelTeam } from "../../../../engine/nn/kernels/kernels";
import { type ArgumentOf, kernelArguments, type PositionalKernels } from "../../../../engine/nn/kernels/signatures";
import { Random } from "../../../../engine/nn/random";
import { inputShapeOf, type ModelGraph } from "../../../../engine/protocol/modelGraph";
import { elementCount } from "../../../../engine/protocol/shape";
import { optimizerNames } from "../../../../engine/protocol/trainConfig";
import { readModelFile } from "../../../../engine/source/readModel";
import { chooseKernels } from "../../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../../engine/training/session";

const BATCH = 7;
const STEPS = 2;
const folder = join(process.cwd(), "test", "golden", "networks", "models");
const models = readdirSync(folder).filter((file) => file.endsWith(".py"));

/** Divides every call that can be, however small, and does the parts one after another, the last one first. */
class PartByPart implements KernelTeam {
  constructor(
    private readonly parts: number,
    private readonly divided: Set<string>,
  ) {}

  join(kernels: PositionalKernels): PositionalKernels {
    const entries = divisibleKernels.map((name) => {
      const kernel: (...args: number[]) => unknown = kernels[name];
      return [
        name,
        (...args: number[]) => {
          const axis = axisToDivide(name, args, this.parts, 0);
          if (axis === null) return kernel(...args);
          this.divided.add(name);
          for (let part = this.parts - 1; part >= 0; part--) {
            const own: number[] = [];
            if (writePart(axis, args, part, this.parts, own)) kernel(...own);
          }
          return undefined;
        },
      ];
    });
    return { ...kernels, ...(Object.fromEntries(entries) as Partial<PositionalKernels>) };
  }
}

function graphOf(file: string): ModelGraph {
  const { graph } = readModelFile({ path: file, text: readFileSync(join(folder, file), "utf8") });
  assert.ok(graph);
  return graph;
}

/** The whole arena after some steps. */
function memoryAfterTraining(
  graph: ModelGraph,
  optimizer: (typeof optimizerNames)[number],
  team?: KernelTeam,
): Uint8Array {
  const session = new TrainingSession({
    graph,
    batchSize: BATCH,
    optimizer,
    seed: 3,
    clipNorm: 1,
    accumulate: 2,
    kernels: chooseKernels(),
    ...(team ? { team } : {}),
  });
  const random = new Random(5, "samples");
  const batch = () => ({
    count: BATCH,
    samples: Float32Array.from({ length: BATCH * elementCount(inputShapeOf(graph) ?? []) }, () => random.normal()),
    labels: Int32Array.from({ length: BATCH }, (_, index) => index % 3),
  });
  for (let step = 0; step < STEPS; step++) session.trainStepOver(batch, 0.05);
  session.forwardLoss(session.observer, "running", batch());
  const floats = session.arena.floats(0, session.arena.bytes >>> 2);
  return new Uint8Array(floats.buffer, 0, floats.byteLength);
}

describe("Dividing the calls of kernels", () => {
  const divided = new Set<string>();
  models.forEach((file, index) => {
    const optimizer = optimizerNames[index % optimizerNames.length] ?? "sgd";
    it(`${file}, ${optimizer}: every byte is the same in 2, 3 and 5 parts`, () => {
      const graph = graphOf(file);
      const whole = Buffer.from(memoryAfterTraining(graph, optimizer));
      for (const parts of [2, 3, 5])
        assert.ok(
          whole.equals(memoryAfterTraining(graph, optimizer, new PartByPart(parts, divided))),
          `${parts} parts`,
        );
    });
  });

  it("all of that was asked of every kernel that can be divided", () => {
    assert.deepEqual(
      divisibleKernels.filter((name) => !divided.has(name)),
      [],
    );
  });

  it("leaves a call whole that is over before a helper has begun", () => {
    assert.equal(axisToDivide("sgd", [0, 0, 512, 0.1, 0], 2), null);
    assert.notEqual(axisToDivide("sgd", [0, 0, 1 << 20, 0.1, 0], 2), null);
  });

  it("divides along the axis whose parts are most alike", () => {
    const product = (images: number, positions: number): number[] => {
      const values = { images, rows: 1, positions, columns: 16, aPosition: 64, bK0: 64, k0: 256, k1: 1, k2: 1 };
      return kernelArguments.matrixProduct.map((name) => (name in values ? values[name as keyof typeof values] : 0));
    };
    const dividedArgument = (args: number[]): string | undefined =>
      kernelArguments.matrixProduct[axisToDivide("matrixProduct", args, 2)?.count ?? -1];
    assert.equal(dividedArgument(product(64, 196)), "images");
    assert.equal(dividedArgument(product(3, 196)), "positions");
  });

  it("takes no argument that a kernel does not have", () => {
    const name = "image";
    // @ts-expect-error: it has `images`
    const wrong: Division<ArgumentOf<"relu">> = { axes: [], size: [name], perValue: 1 };
    const names: readonly string[] = kernelArguments.relu;
    assert.equal(names.includes(wrong.size[0] ?? ""), false);
  });
});
