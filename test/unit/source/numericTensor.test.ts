import { strict as assert } from "node:assert";
import { graphOf, net, read, reasons } from "./helpers";
import { python } from "../support/python";

const widths = (expression: string): (string | undefined)[] => {
  const text = net(`self.layers = nn.ModuleList([nn.Linear(4, n) for n in ${expression}])`, "return self.layers[0](x)");
  return graphOf(
    read(python`
    import math
    import numpy as np
    ${text}`),
  ).layers.flatMap(({ op }) => (op.kind === "linear" ? [String(op.outFeatures)] : []));
};

describe("Tensors of known numbers", () => {
  it("are computed with as PyTorch does", () => {
    // Each checked against torch 1.13.
    const cases: Readonly<Record<string, readonly number[]>> = {
      "torch.arange(2, 6).tolist()": [2, 3, 4, 5],
      "(torch.linspace(0, 1, 5) * 8 + 0.5).int().tolist()": [0, 2, 4, 6, 8],
      ["(torch.round(torch.divide(24 * torch.pow(2.5, torch.round(torch.log((torch.arange(4) * 27.89 + 48) / 48) / " +
        "math.log(2.09))), 8)) * 8).int().tolist()"]: [24, 64, 64, 64],
      "torch.diff(torch.tensor([1, 4, 9])).tolist()": [3, 5],
      "[int(rate.item() * 10) for rate in torch.linspace(0.1, 0.5, 3)]": [1, 3, 5],
      "[int(torch.tensor([3, 4])[1]), int(torch.tensor(7))]": [4, 7],
    };
    Object.assign(cases, {
      // Each checked against NumPy.
      "np.arange(3).tolist()": [0, 1, 2],
      "(np.linspace(0, 1, 3) * 10).astype(int).tolist()": [0, 5, 10],
      "[int(np.ceil(32 * 1.4 / 8) * 8)]": [48],
      "np.round(np.log(np.arange(1, 4) * 10) / np.log(2)).astype(int).tolist()": [3, 4, 5],
      "np.unique(np.array([8, 4, 8])).tolist()": [4, 8],
      "[int(np.round(2.5)), int(math.cos(0))]": [2, 1],
    });
    for (const [expression, expected] of Object.entries(cases))
      assert.deepEqual(widths(expression), expected.map(String), expression);
  });

  it("decide whether a block drops paths", () => {
    const blocks = "nn.Dropout(r.item()) if r > 0.0 else nn.Identity()";
    const reading = read(
      net(
        `rates = torch.linspace(0, 0.1, 3)\nself.blocks = nn.Sequential(*[${blocks} for r in rates])`,
        "return self.blocks(x)",
      ),
    );
    assert.deepEqual(
      graphOf(reading).layers.map(({ className }) => className),
      ["Identity", "Dropout", "Dropout"],
    );
    assert.deepEqual(reasons(reading), []);
  });

  it("are not known any more after a change in place", () => {
    for (const change of [
      "sizes[0] = 9",
      "sizes += 1",
      "sizes.mul_(2)",
      "part = sizes[0]\npart += 5",
      "torch.add(sizes, 1, out=sizes)",
    ]) {
      const reading = read(
        net(
          python`
          sizes = torch.tensor([3, 4])
          ${change}
          self.a = nn.Linear(4, int(sizes[0]))`,
          "return self.a(x)",
        ),
      );
      assert.equal(graphOf(reading).parameters, null, change);
    }
  });
});

describe("Named tuples", () => {
  it("are returned, taken apart and read by name", () => {
    const make = [
      'Pair = namedtuple("Pair", ["first", "second"])',
      'Pair = namedtuple("Pair", "first second")',
      python`
        class Pair(NamedTuple):
            first: torch.Tensor
            second: torch.Tensor
      `,
    ];
    for (const definition of make) {
      const text = python`
        from collections import namedtuple
        from typing import NamedTuple
        ${definition}
        ${net(
          "self.a = nn.Linear(4, 2)\nself.b = nn.Linear(4, 3)",
          "p = Pair(self.a(x), second=self.b(x))\nleft, right = p\nreturn Pair(p.second, left)",
        )}`;
      const reading = read(text);
      assert.deepEqual(
        graphOf(reading).outputs,
        [
          { place: "first", node: "b" },
          { place: "second", node: "a" },
        ],
        definition,
      );
      assert.deepEqual(reasons(reading), []);
    }
  });

  it("are unknown when their fields are", () => {
    const reading = read(
      python`
        from collections import namedtuple
        Pair = namedtuple("Pair", names())
        ${net("self.a = nn.Linear(4, 2)", "return Pair(self.a(x))")}`,
    );
    assert.notDeepEqual(reasons(reading), []);
  });
});
