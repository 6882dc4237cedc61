import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import type { LayerOp } from "../../../engine/protocol/layerOps";
import { graphOf, net, read, reasons } from "./helpers";

/** The op of the last layer that a forward pass calls, with `self.m` of the given class if any. */
function opOf(
  forward: string,
  { module = "nn.ReLU()", inputs = [4, 6, 8] }: { module?: string; inputs?: number[] } = {},
): LayerOp | undefined {
  const graph = graphOf(
    read(net(`self.m = ${module}\nself.p = nn.Parameter(torch.ones(3))`, forward, "unknown=None"), {
      inputs: [inputs],
    }),
  );
  return graph.layers.find(({ name }) => name === graph.nodes.at(-1)?.layer)?.op;
}

const check = (expression: string, expected: LayerOp): void =>
  assert.deepEqual(opOf(`return ${expression}`), expected, expression);
const checkMoves = (
  expression: string,
  rearrangement: Extract<LayerOp, { kind: "rearrange" }>["rearrangement"],
): void => check(expression, { kind: "rearrange", rearrangement });
const checkModule = (module: string, expected: LayerOp): void =>
  assert.deepEqual(opOf("return self.m(x)", { module }), expected, module);
const isOther = (expression: string, options?: Parameters<typeof opOf>[1]): void =>
  assert.equal(opOf(`return ${expression}`, options)?.kind, "other", expression);

describe("Arithmetic the engine trains", () => {
  it("is of two values that come from the input", () => {
    check("x * self.m(x)", { kind: "multiply" });
    check("torch.mul(x, self.m(x))", { kind: "multiply" });
    check("x.sub(self.m(x))", { kind: "subtract" });
    check("x - self.m(x)", { kind: "subtract" });
    isOther("x / self.m(x)");
    isOther("x * self.p");
    isOther("torch.max(x, self.m(x))");
  });
  it("is of one value with known numbers", () => {
    check("x * 0.5", { kind: "affine", scale: 0.5, shift: 0 });
    check("2 * x", { kind: "affine", scale: 2, shift: 0 });
    check("1 - x", { kind: "affine", scale: -1, shift: 1 });
    check("x - 3", { kind: "affine", scale: 1, shift: -3 });
    check("x / 4", { kind: "affine", scale: 0.25, shift: 0 });
    check("torch.add(x, 2)", { kind: "affine", scale: 1, shift: 2 });
    check("-x", { kind: "affine", scale: -1, shift: 0 });
    for (const expression of ["1 / x", "x / 0", "x ** 2", "x // 2", "x % 2", "x * torch.rand(1)", "x > 0"])
      isOther(expression);
  });
  it("is not what rounds to whole numbers", () => {
    for (const expression of ["x.int()", "x.long()", "x.bool()"]) isOther(expression);
  });
  it("is refused where a number is not known", () => {
    const reading = read(net("self.m = nn.ReLU()\nself.k = make()", "return self.m(x * self.k)"), { inputs: [[4]] });
    assert.ok(trainabilityProblems(graphOf(reading)).length > 0);
    assert.ok(reasons(reading).length > 0);
  });
});

describe("Rearrangements the engine trains", () => {
  it("are views and permutations that leave the batch", () => {
    checkMoves("x.view(x.size(0), 2, 2, 6, 8)", { rule: "reshape", sizes: [2, 2, 6, 8] });
    checkMoves("x.reshape(-1, 4, 48)", { rule: "reshape", sizes: [4, 48] });
    checkMoves("x.permute(0, 2, 3, 1)", { rule: "permute", order: [0, 2, 3, 1] });
    checkMoves("torch.transpose(x, 1, -1)", { rule: "permute", order: [0, 3, 2, 1] });
    checkMoves("x.swapaxes(2, 3)", { rule: "permute", order: [0, 1, 3, 2] });
    checkMoves("x.mean((2, 3), keepdim=True).squeeze(-1)", { rule: "squeeze", axis: -1 });
    checkMoves("x.unsqueeze(1)", { rule: "unsqueeze", axis: 1 });
    checkMoves("x.mean((2, 3))[:, :, None, None]", { rule: "reshape", sizes: [4, 1, 1] });
    isOther("x.squeeze()");
    isOther("x.view(8, -1)");
  });
  it("are parts along known axes", () => {
    checkMoves("x.chunk(2, dim=1)[1]", { rule: "chunk", axis: 1, chunks: 2, index: 1 });
    checkMoves("x.chunk(3, 1)[-1]", { rule: "chunk", axis: 1, chunks: 3, index: 1 });
    checkMoves("torch.split(x, [1, 3], 1)[1]", { rule: "slice", cuts: [{ axis: 1, start: 1, step: 1, size: 3 }] });
    checkMoves("x.split(3, 1)[1]", { rule: "slice", cuts: [{ axis: 1, start: 3, step: 1, size: 1 }] });
    checkMoves("x.narrow(2, 1, 3)", { rule: "slice", cuts: [{ axis: 2, start: 1, step: 1, size: 3 }] });
    checkMoves("x[:, 1:, ::2, -3:-1]", {
      rule: "slice",
      cuts: [
        { axis: 1, start: 1, step: 1, size: 3 },
        { axis: 2, start: 0, step: 2, size: 3 },
        { axis: 3, start: 5, step: 1, size: 2 },
      ],
    });
    checkMoves("x[..., :5]", { rule: "slice", cuts: [{ axis: 3, start: 0, step: 1, size: 5 }] });
    for (const expression of ["x[:, 0]", "x[1:]", "x[:, [0, 1]]", "x[:, x.size(0):]", "x.narrow(1, -2, 2)", "x[x > 0]"])
      isOther(expression);
  });
  it("repeat and pad", () => {
    checkMoves("x.mean((2, 3), keepdim=True).expand_as(x)", { rule: "expand", sizes: [4, 6, 8] });
    checkMoves("x[:, :1].expand(-1, 4, -1, 8)", { rule: "expand", sizes: [4, -1, 8] });
    checkMoves("F.pad(x, (1, 2, 0, -1))", { rule: "pad", before: [0, 1], after: [-1, 2], mode: "zeros" });
    checkMoves("F.pad(x, (0, 0, 0, 0, 1, 1), 'constant', 0.0)", {
      rule: "pad",
      before: [1, 0, 0],
      after: [1, 0, 0],
      mode: "zeros",
    });
    checkMoves("F.pad(x, [1, 1, 1, 1], mode='reflect')", {
      rule: "pad",
      before: [1, 1],
      after: [1, 1],
      mode: "reflect",
    });
    checkModule("nn.ZeroPad2d((1, 2, 3, 4))", {
      kind: "rearrange",
      rearrangement: { rule: "pad", before: [3, 1], after: [4, 2], mode: "zeros" },
    });
    checkModule("nn.ReplicationPad2d(1)", {
      kind: "rearrange",
      rearrangement: { rule: "pad", before: [1, 1], after: [1, 1], mode: "replicate" },
    });
    for (const expression of [
      "F.pad(x, (1, 1), value=2)",
      "F.pad(x, (1, 1, 1, 1), mode='circular')",
      "F.pad(x, (1, 1), value=self.p)",
      "F.pad(x, (1,))",
    ])
      isOther(expression);
    isOther("self.m(x)", { module: "nn.ConstantPad2d(1, 3.0)" });
  });
  it("shuffle channels and pixels", () => {
    checkModule("nn.PixelShuffle(2)", { kind: "rearrange", rearrangement: { rule: "pixelShuffle", factor: 2 } });
    checkModule("nn.PixelUnshuffle(2)", { kind: "rearrange", rearrangement: { rule: "pixelUnshuffle", factor: 2 } });
    checkMoves("F.pixel_shuffle(x, 2)", { rule: "pixelShuffle", factor: 2 });
    checkMoves("torch.channel_shuffle(x, 2)", { rule: "channelShuffle", groups: 2 });
    isOther("F.pixel_shuffle(x, self.k)");
  });
  it("are means and sums over known axes", () => {
    check("x.mean(1, keepdim=True)", { kind: "reduce", function: "mean", axes: [1], keepDims: true });
    check("torch.sum(x, dim=(2, 3))", { kind: "reduce", function: "sum", axes: [2, 3], keepDims: false });
    check("x.mean([-1, -2])", { kind: "spatialMean" });
    for (const expression of ["x.mean()", "x.sum(self.p)", "x.mean(1, dtype=torch.float64)", "x.amax(1)"])
      isOther(expression);
  });
});

describe("Layers the engine trains", () => {
  it("drop values in training only", () => {
    const dropout = (rate: number | null, isPerChannel = false, followsMode = true): LayerOp => ({
      kind: "dropout",
      rate,
      isPerChannel,
      followsMode,
    });
    checkModule("nn.Dropout()", dropout(0.5));
    checkModule("nn.Dropout2d(p=0.2)", dropout(0.2, true));
    checkModule("nn.Dropout(unknown)", dropout(null));
    checkModule("nn.Dropout(1.5)", dropout(null));
    check("F.dropout(x, 0.3, training=self.training)", dropout(0.3));
    check("F.dropout2d(x, 0.3, self.training)", dropout(0.3, true));
    check("F.dropout(x, 0.3)", dropout(0.3, false, false));
    check("F.dropout(x, 0.3, training=True)", dropout(0.3, false, false));
    check("F.dropout(x, 0.3, training=False)", { kind: "identity" });
    isOther("self.m(x)", { module: "nn.AlphaDropout(0.1)" });
    isOther("self.m(x)", { module: "nn.Dropout3d(0.1)" });
  });
  it("resample", () => {
    const upsample = (
      mode: "nearest" | "bilinear",
      alignCorners: boolean,
      to: Extract<LayerOp, { kind: "upsample" }>["to"],
    ): LayerOp => ({ kind: "upsample", mode, alignCorners, to });
    checkModule("nn.Upsample(scale_factor=2)", upsample("nearest", false, { rule: "scale", factors: [2] }));
    checkModule(
      "nn.Upsample((4, 5), mode='bilinear', align_corners=True)",
      upsample("bilinear", true, { rule: "resize", size: [4, 5] }),
    );
    checkModule(
      "nn.UpsamplingNearest2d(scale_factor=2)",
      upsample("nearest", false, { rule: "scale", factors: [2, 2] }),
    );
    checkModule("nn.UpsamplingBilinear2d(size=3)", upsample("bilinear", true, { rule: "resize", size: [3, 3] }));
    check(
      "F.interpolate(x, scale_factor=(2, 1.5), mode='bilinear')",
      upsample("bilinear", false, { rule: "scale", factors: [2, 1.5] }),
    );
    check("F.interpolate(x, size=x.shape[2:])", upsample("nearest", false, { rule: "resize", size: [6, 8] }));
    for (const rest of [
      "mode='bicubic'",
      "mode='bilinear', antialias=True",
      "mode='bilinear', align_corners=self.k",
      "recompute_scale_factor=True",
      "mode='nearest-exact'",
    ])
      isOther(`F.interpolate(x, scale_factor=2, ${rest})`);
  });
  it("take the largest", () => {
    checkModule("nn.AdaptiveMaxPool2d((2, None))", { kind: "adaptiveMaxPool2d", outputSize: [2, null] });
    isOther("self.m(x)[0]", { module: "nn.AdaptiveMaxPool2d(1, return_indices=True)" });
  });
  it("gate and bend", () => {
    checkModule("nn.PReLU()", { kind: "prelu", slopes: 1, initialSlope: 0.25 });
    checkModule("nn.PReLU(4, init=0.1)", { kind: "prelu", slopes: 4, initialSlope: 0.1 });
    checkModule("nn.Softmax(dim=1)", { kind: "softmax", axis: 1, isLogarithm: false });
    checkModule("nn.LogSoftmax(-3)", { kind: "softmax", axis: -3, isLogarithm: true });
    checkModule("nn.Softmax2d()", { kind: "softmax", axis: -3, isLogarithm: false });
    check("F.log_softmax(x)", { kind: "softmax", axis: null, isLogarithm: true });
    check("torch.softmax(x, 1)", { kind: "softmax", axis: 1, isLogarithm: false });
    checkModule("nn.Hardtanh(-2, 3)", { kind: "activation", function: "hardtanh", parameter: -2, upper: 3 });
    check("F.hardtanh(x)", { kind: "activation", function: "hardtanh", parameter: -1, upper: 1 });
    isOther("self.m(x)", { module: "nn.Hardtanh(min_value=0)" });
    isOther("F.softmax(x, 1, dtype=torch.float64)");
    isOther("F.softmax(x, dim=self.k)");
  });
});
