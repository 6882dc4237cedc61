import { strict as assert } from "node:assert";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../../engine/nn/random";
import { inputShapeOf } from "../../../engine/protocol/modelGraph";
import { readModelFile } from "../../../engine/source/readModel";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";

const folder = join(process.cwd(), "test/golden/networks/models");
const BATCH = 6;
const LARGEST = 1e-3;

describe("clipped gradients", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".py"))) {
    it(`of ${file} have the largest norm together, in which padding has no part`, () => {
      const { graph } = readModelFile({ path: file, text: readFileSync(join(folder, file), "utf8") });
      assert.ok(graph);
      const session = new TrainingSession({
        graph,
        batchSize: BATCH,
        optimizer: "sgd",
        seed: 1,
        clipNorm: LARGEST,
        kernels: chooseKernels(),
      });
      const random = new Random(1, file);
      const size = (inputShapeOf(graph) ?? []).reduce((product, length) => product * length, 1);
      const samples = Float32Array.from({ length: BATCH * size }, () => random.normal());
      for (let step = 0; step < 2; step++)
        session.trainStep(
          { count: BATCH, samples, labels: Int32Array.from({ length: BATCH }, (_, index) => index % 3) },
          0.1,
        );
      const squares = session.parameters.specs.flatMap(({ name }) =>
        [...session.parameters.read(name, "gradients")].map((value) => value ** 2),
      );
      const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      assert.ok(Math.abs(norm / LARGEST - 1) < 1e-4, `${norm}`);
    });
  }
});
