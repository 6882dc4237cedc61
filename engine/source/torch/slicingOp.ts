/**
 * Subscripts that the engine trains: slices along known axes (`x[:, :16]`, `x[..., ::2]`) and new axes (`x[:, :,
 * None]`).
 */
import type { Cut, RearrangeOp } from "../../protocol/layerOps";
import type { Shape } from "../../protocol/shape";
import type { SliceValue, Value } from "../interpreter/values";

/** null for any other subscript, and where a size is not known. */
export function slicingOp(shape: Shape, index: Value): RearrangeOp | null {
  const given = index.kind === "tuple" ? index.elements : [index];
  const rank = shape.length + 1;
  const entries = withoutEllipsis(given, rank);
  if (entries === null || shape.some(Number.isNaN)) return null;
  return entries.some((entry) => entry.kind === "none") ? newAxes(shape, entries) : slices(shape, entries);
}

/** `...` stands for as many whole axes as are missing. */
function withoutEllipsis(given: readonly Value[], rank: number): readonly Value[] | null {
  const isEllipsis = (entry: Value): boolean => entry.kind === "library" && entry.path === "builtins.Ellipsis";
  const place = given.findIndex(isEllipsis);
  const missing = rank - given.filter((entry) => entry.kind !== "none" && !isEllipsis(entry)).length;
  if (missing < 0 || given.filter(isEllipsis).length > 1) return null;
  const whole = Array.from({ length: missing }, () => wholeAxis);
  return place < 0 ? [...given, ...whole] : [...given.slice(0, place), ...whole, ...given.slice(place + 1)];
}

const none: Value = { kind: "none" };
const wholeAxis: SliceValue = { kind: "slice", lower: none, upper: none, step: none };

const isWhole = (entry: Value | undefined): boolean =>
  entry?.kind === "slice" && entry.lower.kind === "none" && entry.upper.kind === "none" && entry.step.kind === "none";

function newAxes(shape: Shape, [batch, ...entries]: readonly Value[]): RearrangeOp | null {
  if (!isWhole(batch) || !entries.every((entry) => entry.kind === "none" || isWhole(entry))) return null;
  const sizes: number[] = [];
  let axis = 0;
  for (const entry of entries) sizes.push(entry.kind === "none" ? 1 : (shape[axis++] ?? NaN));
  return { kind: "rearrange", rearrangement: { rule: "reshape", sizes } };
}

function slices(shape: Shape, [batch, ...entries]: readonly Value[]): RearrangeOp | null {
  if (!isWhole(batch)) return null;
  const cuts: Cut[] = [];
  for (const [index, entry] of entries.entries()) {
    if (isWhole(entry)) continue;
    const cut = entry.kind === "slice" ? cutOf(entry, index + 1, shape[index] ?? NaN) : null;
    if (cut === null) return null;
    cuts.push(cut);
  }
  return { kind: "rearrange", rearrangement: { rule: "slice", cuts } };
}

/** Python's slices: bounds count from the end where they are negative, and end at the axis's. */
function cutOf({ lower, upper, step }: SliceValue, axis: number, length: number): Cut | null {
  const bound = (value: Value, absent: number): number | null => {
    if (value.kind === "none") return absent;
    return value.kind === "int"
      ? Math.min(length, Math.max(0, value.value < 0 ? value.value + length : value.value))
      : null;
  };
  const start = bound(lower, 0);
  const end = bound(upper, length);
  const stride = step.kind === "none" ? 1 : step.kind === "int" ? step.value : null;
  if (start === null || end === null || stride === null || stride < 1) return null;
  return { axis, start, step: stride, size: Math.max(0, Math.ceil((end - start) / stride)) };
}
