import { strict as assert } from "node:assert";
import { python } from "../../support/python";
import { calls, graphOf, net, read, reasons } from "../helpers";

function traced(text: string, input: readonly number[]): string[] {
  const reading = read(text, { inputs: [input] });
  assert.deepEqual(reasons(reading), []);
  return calls(graphOf(reading));
}

describe("A forward that calls a function with its own weights", () => {
  const conv = (body: string, bases = "nn.Conv2d"): string => python`
    class Own(${bases}):
        def forward(self, x):
            ${body}
    ${net("self.c = Own(3, 4, 3, padding=1)\nself.n = nn.BatchNorm2d(4)", "return self.n(self.c(x))")}
  `;
  it("is a call of the layer", () => {
    const expected = ["c Conv2d 4x8x8", "n BatchNorm2d 4x8x8"];
    const whole = "return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)";
    assert.deepEqual(traced(conv(whole), [3, 8, 8]), expected);
    assert.deepEqual(traced(conv("return self._conv_forward(x, self.weight, self.bias)"), [3, 8, 8]), expected);
    const standardized = "w = self.weight - self.weight.mean()\n        return F.conv2d(x, w, self.bias, 1, 1)";
    assert.deepEqual(traced(conv(standardized), [3, 8, 8]), expected);
  });
  it("is a function where the settings are others", () => {
    const unpadded = "return F.conv2d(x, self.weight, self.bias, self.stride)";
    assert.deepEqual(traced(conv(unpadded), [3, 8, 8]), ["conv2d F.conv2d 4x6x6", "n BatchNorm2d 4x6x6"]);
    const withoutBias = "return F.conv2d(x, self.weight, None, self.stride, self.padding)";
    assert.equal(traced(conv(withoutBias), [3, 8, 8])[0], "conv2d F.conv2d 4x8x8");
  });
  it("has the shape of weights that are no layer's", () => {
    const init = "self.w = nn.Parameter(torch.zeros(6, 3, 5, 5))\nself.v = nn.Parameter(torch.zeros(2, 6))";
    const forward = "x = F.conv2d(x, self.w, stride=2)\nreturn F.linear(x.mean((2, 3)), self.v)";
    assert.deepEqual(traced(net(init, forward), [3, 9, 9]), [
      "conv2d F.conv2d 6x3x3",
      "mean Tensor.mean 6",
      "linear F.linear 2",
    ]);
  });
});

describe("F.batch_norm", () => {
  const norm = (training: string): string => python`
    class Own(nn.BatchNorm1d):
        def forward(self, x):
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, ${training}, 0.1, self.eps)
    ${net("self.n = Own(4)", "return self.n(x)")}
  `;
  it("with a layer's statistics in the layer's mode is the layer's call", () => {
    assert.deepEqual(traced(norm("self.training"), [4]), ["n BatchNorm1d 4"]);
  });
  it("in a fixed mode is a function", () => {
    assert.deepEqual(traced(norm("True"), [4]), ["batch_norm F.batch_norm 4"]);
  });
});

describe("einops", () => {
  const shape = (call: string, input: readonly number[], init = "pass"): string =>
    traced(`from einops import rearrange, reduce, repeat\n${net(init, `return ${call}`)}`, input)
      .at(-1)
      ?.split(" ")
      .at(-1) ?? "";

  it("gives shapes as its patterns say", () => {
    assert.equal(shape("rearrange(x, 'b c (h p) (w q) -> b (p q c) h w', p=2, q=4)", [3, 8, 8]), "24x4x2");
    assert.equal(shape("rearrange(x, 'b ... c -> b c ...')", [5, 6, 7]), "7x5x6");
    assert.equal(shape("rearrange(x, 'b c h w -> b c 1 (h w)')", [3, 4, 5]), "3x1x20");
    assert.equal(shape("reduce(x, 'b c h w -> b c', 'mean')", [3, 4, 5]), "3");
    assert.equal(shape("repeat(x, 'b c -> b c k', k=4)", [3]), "3x4");
    assert.equal(shape("rearrange(rearrange(x, 'b t c -> (b t) c'), '(b t) c -> b c t', t=5)", [5, 3]), "3x5");
  });
  it("has layers that do the same", () => {
    const init =
      "from einops.layers.torch import Rearrange, Reduce\nself.s = nn.Sequential(Rearrange('b (k c) -> b k c', k=3), Reduce('b k c -> b c', 'max'))";
    assert.equal(shape("self.s(x)", [12], init), "4");
  });
  it("gives no shape that does not fit", () => {
    assert.equal(shape("rearrange(x, 'b (k c) -> b k c', k=5)", [12]), "?");
    assert.equal(shape("rearrange(x, 'b c h -> b h c')", [12]), "?");
  });
});
