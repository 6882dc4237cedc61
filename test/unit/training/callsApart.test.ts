import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelFile } from "../../../engine/source/readModel";
import { callsApart } from "../../../engine/training/callsApart";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";

const BATCH = 16;

function standing(file: string): ReturnType<typeof callsApart> {
  const path = join(process.cwd(), "test/golden/networks/models", file);
  const { graph } = readModelFile({ path: file, text: readFileSync(path, "utf8") });
  assert.ok(graph);
  const session = new TrainingSession({ graph, batchSize: BATCH, optimizer: "sgd", seed: 1, kernels: chooseKernels() });
  const samples = Float32Array.from({ length: BATCH * 72 }, (_, index) => Math.sin(index * index));
  session.forwardLoss(session.network, "batch", { samples, labels: new Int32Array(BATCH), count: BATCH });
  return callsApart(session, { step: 7, count: BATCH, learningRate: 0.1 });
}

describe("layers that are called several times in a step", () => {
  it("say how far the inputs of their calls are apart", () => {
    const record = standing("shared_norms.py");
    assert.ok(record);
    assert.equal(record.step, 7);
    assert.deepEqual(
      record.layers.map(({ layer, passes, batch, samplesPerPass }) => [layer, passes, batch, samplesPerPass]),
      [
        ["bn", 3, BATCH, BATCH * 9],
        ["average", 2, BATCH, BATCH * 9],
        ["norm", 2, BATCH, BATCH],
      ],
    );
    // Two of the calls are x and 0.1·x − 0.3 through the same convolution: their variances are 100 apart.
    assert.ok((record.layers[0]?.passVarianceRatio ?? 0) > 20);
    assert.ok((record.layers[0]?.passApart ?? 0) > 1);
  });
  it("are the only ones that say so", () => {
    assert.equal(standing("residual.py"), null);
  });
});
