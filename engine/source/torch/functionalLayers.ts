/**
 * Functions of torch.nn.functional that take a layer's weights: `F.conv2d(x, self.weight, self.bias, self.stride)` in a
 * class that derives from nn.Conv2d is that layer's call; with weights of its own, or other settings, it is a function.
 */
import { outputShape } from "../../graph/shapes";
import type { LayerOp } from "../../protocol/layerOps";
import type { SourceRange } from "../../protocol/modelGraph";
import type { LibraryFunction, Machine } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import { bool, int, none, string, tuple } from "../interpreter/newValues";
import type { InstanceValue, TensorValue, Value } from "../interpreter/values";
import { LayerArguments } from "./layerArguments";
import { convolutionLayers } from "./layers/torchConvolution";
import { other } from "./layers/torchLayerSpec";
import { recordCall, recordFunction } from "./record";
import { bindSignature, parseSignature } from "./signature";

type Bound = ReadonlyMap<string, Value>;

interface Call {
  readonly machine: Machine;
  readonly name: string;
  readonly bound: Bound;
  readonly range: SourceRange;
}

const ownerOf = (value: Value | undefined): InstanceValue | null =>
  value?.kind === "tensor" ? (value.of?.layer ?? null) : null;

/** Calls a layer with its own weights. */
export function recordLayer(machine: Machine, layer: InstanceValue, input: Value, range: SourceRange): Value {
  const description = layer.module?.layer;
  const op: LayerOp = description?.op ?? { kind: "other", className: "Module" };
  const className = description?.className ?? "Module";
  return recordCall(machine, { callee: { kind: "module", instance: layer }, className, op, outputs: 1, range }, [
    input,
  ]);
}

/** The same shape as the layer's, in a function that the engine does not train. */
function recordShape({ machine, name, bound, range }: Call, op: LayerOp | null): Value {
  const input = bound.get("input") ?? none;
  const shape = input.kind === "tensor" ? input.shape : null;
  const output = op === null ? null : outputShape({ className: name, op }, [shape]).shape;
  const known = output !== null && shape !== null;
  const function_ = other(name, known ? { rule: "workedOut", cases: [{ inputs: [shape], output }] } : null);
  const weights = [bound.get("weight"), bound.get("bias")].filter((value) => value !== undefined);
  return recordFunction(machine, { name, className: `F.${name}`, op: function_, range }, [input, ...weights]);
}

/** What a convolution with these weights and settings is; null where a size is not known. */
function convolutionOp(
  { bound, range }: Call,
  className: string,
  weight: TensorValue,
  owner: InstanceValue | null,
): LayerOp | null {
  const spec = convolutionLayers[className];
  const settings = new Map(bound);
  const own = owner?.attributes;
  const groups = bound.get("groups");
  const [out, perGroup, ...kernel] = weight.shape ?? [];
  const isTransposed = className.includes("Transpose");
  const size = (value: number | undefined, factor = 1): Value =>
    value === undefined || groups?.kind !== "int" ? none : int(value * factor);
  const count = groups?.kind === "int" ? groups.value : 1;
  settings.set("in_channels", own?.get("in_channels") ?? (isTransposed ? size(out) : size(perGroup, count)));
  settings.set("out_channels", own?.get("out_channels") ?? (isTransposed ? size(perGroup, count) : size(out)));
  settings.set("kernel_size", own?.get("kernel_size") ?? tuple(kernel.map(int)));
  settings.set("bias", bool(bound.get("bias")?.kind !== "none"));
  settings.set("padding_mode", string("zeros"));
  const args = new LayerArguments(className, settings, range);
  return spec === undefined ? null : spec.build(args, className).op;
}

function convolution(name: string, className: string, signature: string): LibraryFunction {
  return bindAs(name, signature, (call) => {
    const weight = call.bound.get("weight");
    const owner = ownerOf(weight);
    if (weight?.kind !== "tensor") return recordShape(call, null);
    const isLayer = owner !== null && isModule(owner) && owner.module.layer?.className === className;
    const op = convolutionOp(call, className, weight, isLayer ? owner : null);
    const isItsOwn = isLayer && JSON.stringify(op) === JSON.stringify(owner.module?.layer?.op);
    return isItsOwn
      ? recordLayer(call.machine, owner, call.bound.get("input") ?? none, call.range)
      : recordShape(call, op);
  });
}

/** A layer's own statistics, in the mode that the module is in. */
const batchNorm = bindAs(
  "batch_norm",
  "running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05",
  (call) => {
    const owner = ownerOf(call.bound.get("running_mean")) ?? ownerOf(call.bound.get("weight"));
    const training = call.bound.get("training");
    const isFixed = training?.kind === "bool" && training.isTrainingMode !== true;
    const isLayer = owner?.module?.layer?.op.kind === "batchNorm" && !isFixed;
    if (owner !== null && isLayer) return recordLayer(call.machine, owner, call.bound.get("input") ?? none, call.range);
    const { machine, name, range, bound } = call;
    const op = other("batch_norm", { rule: "same" });
    return recordFunction(machine, { name, className: "F.batch_norm", op, range }, [bound.get("input") ?? none]);
  },
);

const linear = bindAs("linear", "weight, bias=None", (call) => {
  const weight = call.bound.get("weight");
  const owner = ownerOf(weight);
  const own = owner?.module?.layer?.op;
  const hasBias = call.bound.get("bias")?.kind !== "none";
  if (owner !== null && own?.kind === "linear" && own.bias === hasBias)
    return recordLayer(call.machine, owner, call.bound.get("input") ?? none, call.range);
  const [outFeatures, inFeatures] = weight?.kind === "tensor" ? (weight.shape ?? []) : [];
  const isKnown = outFeatures !== undefined && inFeatures !== undefined;
  return recordShape(call, isKnown ? { kind: "linear", inFeatures, outFeatures, bias: hasBias } : null);
});

/** A function of these parameters; one whose arguments do not fit is unknown. */
function bindAs(name: string, signature: string, apply: (call: Call) => Value): LibraryFunction {
  const parameters = parseSignature(`input, ${signature}`);
  return ({ machine, args, range }) => {
    const bound = bindSignature(`F.${name}`, parameters, args, range);
    if (bound instanceof Map) return apply({ machine, name, bound, range });
    machine.report(bound);
    return bound;
  };
}

const CONVOLUTION = "weight, bias=None, stride=1, padding=0, dilation=1, groups=1";
const TRANSPOSED = "weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1";

export const weightedFunctions: ReadonlyMap<string, LibraryFunction> = new Map([
  ...[1, 2, 3].flatMap((dims): (readonly [string, LibraryFunction])[] => [
    [`torch.nn.functional.conv${dims}d`, convolution(`conv${dims}d`, `Conv${dims}d`, CONVOLUTION)],
    [
      `torch.nn.functional.conv_transpose${dims}d`,
      convolution(`conv_transpose${dims}d`, `ConvTranspose${dims}d`, TRANSPOSED),
    ],
  ]),
  ["torch.nn.functional.batch_norm", batchNorm],
  ["torch.nn.functional.linear", linear],
]);

/** `self._conv_forward(x, self.weight, self.bias)`: what the layer's own forward does. */
export const convForward: LibraryFunction = (call) => {
  const [self, input = none, , bias = none] = call.args.positional;
  const own = self !== undefined && isModule(self) ? self.module.layer?.op : undefined;
  const hasBias = own !== undefined && "bias" in own ? own.bias : null;
  if (self === undefined || !isModule(self) || hasBias !== (bias.kind !== "none"))
    return recordFunction(
      call.machine,
      { name: "conv", className: "_conv_forward", op: other("conv", null), range: call.range },
      [input],
    );
  return recordLayer(call.machine, self, input, call.range);
};
