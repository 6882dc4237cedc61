/**
 * Tensors that are changed in place, and the other names they have. `y = x; x += 1` changes y as well, and so does
 * `relu(x, inplace=True)`; after `y = x.view(…)` the same change reaches y in another shape, which is not followed and
 * said to be unknown where y is used.
 */
import type { SourceRange } from "../../protocol/modelGraph";
import type { LibraryFunction, Machine } from "../interpreter/machine";
import { forgetNumbers } from "../interpreter/numericContent";
import { unknown } from "../interpreter/newValues";
import type { TensorValue, UnknownValue, Value } from "../interpreter/values";
import { other } from "./layers/torchLayerSpec";
import { currentTensor, recordFunction } from "./record";
import { nodesPlace, type Trace } from "./trace";
import { tensorOperator } from "./tensorOperators";

/** Says that `target` now contains `result`; false for `isCertain` when it may as well contain its earlier content. */
export function overwrite(machine: Machine, target: Value, result: Value, range: SourceRange, isCertain = true): Value {
  const { trace } = machine;
  if (trace === null || target.kind !== "tensor" || result.kind !== "tensor")
    return result.kind === "unknown" ? reported(machine, result) : result;
  const current = currentTensor(machine, target, range);
  if (current.kind === "unknown") return reported(machine, current);
  if (result.node === null) return { ...result, storage: current.storage };
  if (current.storage === undefined || hasConstantView(trace, current)) {
    return reported(machine, unknown("a tensor that NormLens does not follow changes in place", range));
  }
  machine.journal.beforeChange(trace, "nodes", nodesPlace(trace));
  const earlier = trace.overwrites.get(current.storage) ?? [];
  const change = { from: isCertain ? current.node : undefined, at: result.node };
  trace.overwrites.set(current.storage, [...earlier, change]);
  return { ...result, storage: current.storage };
}

function hasConstantView(trace: Trace, tensor: TensorValue): boolean {
  return tensor.node === null && tensor.storage !== undefined && trace.viewedConstants.has(tensor.storage);
}

function reported(machine: Machine, reason: UnknownValue): UnknownValue {
  machine.report(reason);
  return reason;
}

/** What the argument or attribute `inplace` makes of a call's result. */
export function overwriteIf(
  machine: Machine,
  inplace: Value | undefined,
  target: Value | undefined,
  result: Value,
  range: SourceRange,
): Value {
  if (target === undefined || inplace === undefined || inplace.kind === "none") return result;
  const isPlain = inplace.kind === "bool" || inplace.kind === "int";
  if (isPlain && !inplace.value) return result;
  return overwrite(machine, target, result, range, isPlain);
}

/** `x += y`. There is no matrix product in place. */
export function tensorAugmented(
  machine: Machine,
  operator: string,
  operands: readonly Value[],
  range: SourceRange,
): Value {
  const result = tensorOperator(machine, operator, operands, range);
  const [target] = operands;
  if (target?.kind !== "tensor" || operator === "@") return result;
  return changed(target, overwrite(machine, target, result, range));
}

/** The result of a change in place: nothing that shares the target's memory is known by its numbers any more. */
function changed(target: Value, result: Value): Value {
  forgetNumbers(target);
  return result.kind === "tensor" ? { ...result, numbers: undefined } : result;
}

/** `x[index] = value`: which values change is not followed, that the result comes from all three is. */
export function tensorItemAssigned(
  machine: Machine,
  tensor: Value,
  index: Value,
  value: Value,
  range: SourceRange,
): void {
  forgetNumbers(tensor);
  if (machine.trace === null || tensor.kind !== "tensor") return;
  const isTraced = tensor.node !== null;
  const op = other("setitem", isTraced ? { rule: "same" } : null);
  const result = recordFunction(machine, { name: "setitem", className: "Tensor.__setitem__", op, range }, [
    tensor,
    value,
    index,
  ]);
  overwrite(machine, tensor, result, range);
}

/** Operations whose form with an underscore at the end does the same in place. */
const IN_PLACE = new Set(
  (
    "abs exp log sqrt rsqrt square sin cos neg sign floor ceil round reciprocal log1p expm1 erf add sub mul " +
    "div multiply divide subtract true_divide pow clamp masked_fill relu sigmoid tanh selu celu elu " +
    "leaky_relu rrelu hardtanh dropout alpha_dropout"
  ).split(" "),
);

/** `add` for `add_`, or null. */
function plainName(name: string): string | null {
  const plain = name.slice(0, -1);
  return name.endsWith("_") && IN_PLACE.has(plain) ? plain : null;
}

/** The function of a name such as `relu_`, made from the one of `relu`. */
export function inPlaceForm(
  name: string,
  find: (plain: string) => LibraryFunction | undefined,
): LibraryFunction | null {
  const plain = plainName(name);
  const function_ = plain === null ? undefined : find(plain);
  if (function_ === undefined) return null;
  return (call) => {
    const target =
      call.args.positional[0] ?? call.args.keywords.get("input") ?? unknown("a tensor is missing", call.range);
    return changed(target, overwrite(call.machine, target, function_(call), call.range));
  };
}

/** Methods after which the tensor itself has another shape. */
const RESHAPES_IN_PLACE = /\.(resize|resize_as|set|t|transpose|swapaxes|swapdims|squeeze|unsqueeze)_$/;

/** Any other method with an underscore at its end (`copy_`, `zero_`, `unsqueeze_`). */
export const unfollowedInPlace: LibraryFunction = ({ machine, args, path, range }) => {
  const [tensor] = args.positional;
  forgetNumbers(tensor);
  const isConstant = args.positional.every((arg) => arg.kind !== "tensor" || arg.node === null);
  if (tensor?.kind === "tensor" && RESHAPES_IN_PLACE.test(path))
    return reported(machine, unknown(`${path} changes the shape of a tensor in place`, range));
  if (tensor?.kind !== "tensor" || isConstant) return tensor ?? unknown(path, range);
  return reported(machine, unknown(`${path} changes a tensor in place`, range));
};
