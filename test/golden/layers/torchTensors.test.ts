/**
 * Shapes of tensors in `forward` against PyTorch: generated chains of operations give the same shape, or none.
 * torchTensors.json was written by torchTensors.py.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelFile } from "../../../engine/source/readModel";

type Row = readonly [steps: string, output: readonly number[] | null];

const path = join(process.cwd(), "test/golden/layers/torchTensors.json");
const rows = JSON.parse(readFileSync(path, "utf8")) as readonly Row[];

/** The shape of what `forward` returns, both as it was traced and as the graph's own rules give it. */
function shapeOf(steps: string): readonly number[] | null {
  const body = ["b = x.shape[0]", ...steps.split("; "), "return x"].map((line) => `        ${line}`);
  const head = ["import torch", "from torch import nn", "import torch.nn.functional as F", "class Net(nn.Module):"];
  const text = [...head, "    def forward(self, x):", ...body, ""].join("\n");
  const { variant } = readModelFile({ path: "model.py", text, inputs: [[4, 6, 8]] });
  return variant?.nodes.find((node) => node.id === variant.outputs[0]?.node)?.outputShape ?? null;
}

describe("Generated chains of tensor operations", () => {
  const results = rows.map(([steps, output]) => ({ steps, output, ours: shapeOf(steps) }));

  it("never have another shape than in PyTorch", () => {
    const wrong = results.filter(
      ({ output, ours }) => output !== null && ours !== null && ours.join() !== output.join(),
    );
    assert.deepEqual(
      wrong.map(({ steps, output, ours }) => `${steps} # ${output?.join("x") ?? "?"}, not ${ours?.join("x") ?? "?"}`),
      [],
    );
  });

  it("mostly have a shape", () => {
    const wanted = results.filter(({ output }) => output !== null);
    const known = wanted.filter(({ ours }) => ours !== null);
    assert.ok(known.length > 0.55 * wanted.length, `${known.length} of ${wanted.length}`);
  });
});
