/** Small networks around the layers that move, combine and gate values, read from their source. */
import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { net, read, variantOf } from "../source/helpers";

function graph(inputs: number[], init: string, forward: string): ModelGraph {
  const read_ = variantOf(read(net(init, forward), { inputs: [inputs] }));
  assert.deepEqual(trainabilityProblems(read_), []);
  return read_;
}

const IMAGE = [2, 6, 4];
const STEM = "self.stem = nn.Conv2d(2, 6, 3, padding=1)\nself.act = nn.Sigmoid()";
const HEAD = "self.head = nn.Linear(6, 3)";

export const sampleNetworks: Readonly<Record<string, ModelGraph>> = {
  "squeeze and excitation": graph(
    IMAGE,
    `${STEM}\nself.fc = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 6), nn.Sigmoid())\n${HEAD}`,
    "x = self.act(self.stem(x))\nx = x * self.fc(x.mean((2, 3))).view(-1, 6, 1, 1) - 0.5 * x[:, 1:2]\n" +
      "return self.head((1 - x * x).mean((2, 3)))",
  ),
  "channel shuffle": graph(
    IMAGE,
    `${STEM}\nself.conv = nn.Conv2d(3, 3, 3, padding=1)\n${HEAD}`,
    "a, b = self.stem(x).chunk(2, 1)\nx = torch.cat([a, self.act(self.conv(b))], 1)\nx = x.view(x.size(0), " +
      "2, 3, 6, 4).transpose(1, 2).contiguous().view(-1, 6, 6, 4)\nreturn self.head(x[:, :, ::2].mean((2, 3)))",
  ),
  "padding and resampling": graph(
    IMAGE,
    `${STEM}\nself.pad = nn.ReflectionPad2d((1, 2, 0, 3))\nself.edge = nn.ReplicationPad2d(1)\nself.up = ` +
      `nn.Upsample(scale_factor=1.5, mode="bilinear")\nself.conv = nn.Conv2d(6, 6, 3)\n${HEAD}`,
    "x = self.act(self.stem(x))\nx = self.conv(self.up(self.pad(x))) + 0.1\nx = F.interpolate(self.edge(x), " +
      "size=(3, 5)) + F.pad(x, (-1, 0, 2, 1))[:, :, :3, :5]\nreturn self.head(x.sum((2, 3)) / 9)",
  ),
  "gates and statistics": graph(
    IMAGE,
    `${STEM}\nself.slopes = nn.PReLU(6)\nself.slope = nn.PReLU()\nself.none = nn.BatchNorm2d(6, ` +
      `track_running_stats=False)\nself.gate = nn.Softmax2d()\n${HEAD}`,
    "x = self.none(self.slopes(self.stem(x)))\nx = x * self.gate(x)\nreturn " +
      "F.log_softmax(self.head(self.slope(x.mean((2, 3)))), 1)",
  ),
  sequences: graph(
    [2, 9],
    "self.stem = nn.Conv1d(2, 6, 3, padding=1)\nself.act = nn.Sigmoid()\nself.apart = nn.Conv1d(6, 6, 3, " +
      "stride=2, groups=6)\nself.back = nn.ConvTranspose1d(6, 6, 4, stride=2)\nself.norm = " +
      "nn.BatchNorm1d(6)\nself.head = nn.Linear(18, 3)",
    "x = self.norm(self.back(self.apart(self.act(self.stem(x)))))\nreturn " +
      'self.head(F.adaptive_avg_pool1d(F.interpolate(self.act(x), size=13, mode="linear"), 3).flatten(1))',
  ),
  "other normalizations": graph(
    IMAGE,
    `${STEM}\nself.each = nn.InstanceNorm2d(1)\nself.kept = nn.InstanceNorm2d(6, affine=True, ` +
      `track_running_stats=True)\nself.rows = nn.LayerNorm([6, 4])\nself.ghost = nn.BatchNorm2d(6)  # ` +
      `normlens: use ghost(2)\nself.pixels = nn.LayerNorm(6)\n${HEAD}`,
    "x = self.ghost(self.rows(self.kept(self.stem(x)) + self.each(self.act(x)).sum(1, keepdim=True)))\nx = " +
      "self.pixels(self.act(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)\nreturn self.head(self.act(x).mean((2, 3)))",
  ),
  tokens: graph(
    [2, 6, 4],
    `${STEM}\nself.norm = nn.LayerNorm(6)\nself.widen = nn.Linear(6, 9)\nself.narrow = nn.Linear(9, 6, ` +
      `bias=False)\nself.mix = nn.Linear(24, 24)\nself.head = nn.Linear(6, 3)`,
    "x = self.act(self.stem(x)).permute(0, 2, 3, 1)\nx = x + " +
      "self.narrow(self.act(self.widen(self.norm(x))))\nx = x.flatten(1, 2).transpose(1, 2)\nx = " +
      "self.mix(self.act(self.mix(x)))\nreturn self.head(x.mean(2))",
  ),
  "shared weights": graph(
    [6],
    "self.loop = nn.Linear(6, 6)\nself.norm = nn.LayerNorm(6)\nself.slope = nn.PReLU(6)\nself.head = nn.Linear(6, 3)",
    "for _ in range(3):\n    x = self.norm(self.slope(self.loop(x)) + x)\nreturn self.head(x)",
  ),
};
