/**
 * The reader against PyTorch itself, one constructor call at a time: equal, or said to be unknown, and never different.
 * torchLayers.json was written by torchLayers.py.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelFile } from "../../../engine/source/readModel";
import type { ModelReading } from "../../../engine/source/modelReading";
import { python } from "../../unit/support/python";

type Shape = readonly number[];
type LayerRow = readonly [call: string, input: Shape | null, parameters: number, output: Shape | null];
type MakerRow = readonly [call: string, shape: Shape];

const path = join(process.cwd(), "test/golden/layers/torchLayers.json");
const { layers, makers } = JSON.parse(readFileSync(path, "utf8")) as { layers: LayerRow[]; makers: MakerRow[] };

const className = (call: string): string => /^nn\.(\w+)/.exec(call)?.[1] ?? call;

/** The number of tensors a layer is called with. */
const inputsOf = (call: string): string =>
  call.includes("MultiheadAttention") ? "x, x, x" : call.includes("Bilinear") ? "x, x" : "x";

function readLayer(call: string, input: Shape | null): ModelReading {
  const text = python`
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = ${call}

        def forward(self, x):
            y = self.layer(${inputsOf(call)})
            return y[0] if isinstance(y, tuple) else y
  `;
  return readModelFile({ path: "model.py", text, ...(input === null ? {} : { inputs: [input] }) });
}

/** What is wrong with a reading; null where it is right, or says that it does not know. */
function fault({ graph, unknowns }: ModelReading, parameters: number, output: Shape | null): string | null {
  if (graph === null) return "no graph";
  if (graph.parameters === null) return unknowns.length > 0 ? null : "unknown parameters, and no reason";
  if (graph.parameters !== parameters) return `${graph.parameters} parameters, not ${parameters}`;
  const shape = graph.nodes.find((node) => node.id === graph.outputs[0]?.node)?.outputShape ?? null;
  if (output === null || shape === null) return null;
  return shape.join() === output.join() ? null : `${shape.join("x")}, not ${output.join("x")}`;
}

describe("Layers of torch.nn, in every setting", () => {
  for (const name of new Set(layers.map(([call]) => className(call)))) {
    it(name, () => {
      const rows = layers.filter(([call]) => className(call) === name);
      const faults = rows.flatMap(([call, input, parameters, output]) => {
        const found = fault(readLayer(call, input), parameters, output);
        return found === null ? [] : [`${call}: ${found}`];
      });
      assert.deepEqual(faults, []);
      const unknown = rows.filter(([call, input]) => readLayer(call, input).graph?.parameters === null);
      assert.deepEqual(
        unknown.map(([call]) => call),
        [],
      );
    });
  }
});

describe("Tensors that parameters are made from", () => {
  const read = (call: string): ModelReading => {
    const text = python`
      import torch
      from torch import nn

      class Net(nn.Module):
          def __init__(self):
              super().__init__()
              self.weight = nn.Parameter(${call})
              self.head = nn.Linear(4, 4)

          def forward(self, x):
              return self.head(x)
    `;
    return readModelFile({ path: "model.py", text });
  };

  it("have the sizes that PyTorch gives them, or unknown ones", () => {
    const faults = makers.flatMap(([call, shape]) => {
      const found = fault(read(call), 20 + shape.reduce((product, size) => product * size, 1), null);
      return found === null ? [] : [`${call}: ${found}`];
    });
    assert.deepEqual(faults, []);
  });

  it("are known, except for a few", () => {
    const unknown = makers.filter(([call]) => read(call).graph?.parameters === null).map(([call]) => call);
    assert.deepEqual(unknown, [
      "torch.zeros(2, 3)[0]",
      "torch.zeros(2, 3)[:, :2]",
      "torch.zeros(6).resize_(8)",
      "torch.zeros(2, 3).sum(0)",
      "torch.zeros(2, 3) @ torch.zeros(3, 5)",
      "torch.zeros(4, 2).max(dim=1)[0]",
      "torch.triu(torch.ones(3, 3))",
      "torch.zeros(3).diag()",
      "torch.zeros(8, 2).chunk(2)[0]",
    ]);
  });
});
