/** Settings of BN layers that a call in one file says and a class in another file uses. */
import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import type { ResolveModule } from "../../../engine/python/resolveModule";
import { python } from "../support/python";

const BLOCKS = python`
  import torch.nn as nn
  class Block(nn.Module):
      def __init__(self, width, bn_momentum=0.1, norm_eps=1e-5, track_running_stats=True):
          super().__init__()
          self.conv = nn.Conv2d(3, width, 3, bias=False)
          self.bn = nn.BatchNorm2d(
              width, eps=norm_eps, momentum=bn_momentum, track_running_stats=track_running_stats
          )
      def forward(self, x):
          return self.bn(self.conv(x)).relu()
  def block(width, **settings):
      return Block(width, **settings)
`;

const resolveModule: ResolveModule = ({ module }) => (module === "blocks" ? { path: "blocks.py", text: BLOCKS } : null);

const model = (made: string): string => `import torch.nn as nn
from blocks import Block, block
M = 0.95
class Net(nn.Module):
    def __init__(self, momentum=0.97):
        super().__init__()
        self.body = ${made}
        self.head = nn.Conv2d(8, 2, 1)
    def forward(self, x):
        return self.head(self.body(x))
`;
const rules = (text: string): string[] =>
  lintSource("net.py", text, { resolveModule }).findings.map(({ rule, line }) => `${rule} ${line ?? 0}`);

describe("settings that a call gives to layers of another file", () => {
  for (const [made, rule] of [
    ["Block(8, track_running_stats=False)", "no-track-running-stats"],
    ["block(8, track_running_stats=False)", "no-track-running-stats"],
    ["Block(8, bn_momentum=0.99)", "momentum-inverted"],
    ["Block(8, bn_momentum=M)", "momentum-inverted"],
    ["block(8, norm_eps=0.8)", "eps-looks-like-momentum"],
  ] as const)
    it(`are known from ${made}`, () => {
      assert.deepEqual(rules(model(made)), [`${rule} 7`]);
    });
  for (const made of ["Block(8)", "block(8, bn_momentum=0.2)", "Block(8, norm_eps=1e-3, track_running_stats=True)"])
    it(`are fine in ${made}`, () => {
      assert.deepEqual(rules(model(made)), []);
    });
});
