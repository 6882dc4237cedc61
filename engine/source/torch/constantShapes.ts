/**
 * Shapes of tensors that do not come from the input: all axes count, there is no batch axis. What is not here has an
 * unknown shape.
 */
import type { Shape } from "../../protocol/shape";
import type { Value } from "../interpreter/values";

type Settings = ReadonlyMap<string, Value>;

/** Whole numbers in a tuple or list, or a single one; null when one is not known. */
function numbersIn(value: Value | undefined): readonly number[] | null {
  if (value?.kind === "int") return [value.value];
  if (value?.kind !== "tuple" && value?.kind !== "list") return null;
  const numbers = value.elements.map((element) => (element.kind === "int" ? element.value : null));
  return numbers.includes(null) ? null : (numbers as number[]);
}

/** An axis counted from the front; null where there is none. */
function axisOf(value: Value | undefined, rank: number): number | null {
  if (value?.kind !== "int") return null;
  const axis = value.value < 0 ? value.value + rank : value.value;
  return axis >= 0 && axis < rank ? axis : null;
}

const product = (sizes: Shape): number => sizes.reduce((total, size) => total * size, 1);

function viewed(shape: Shape, settings: Settings): Shape | null {
  const sizes = numbersIn(settings.get("sizes"));
  if (sizes === null || sizes.filter((size) => size === -1).length > 1) return null;
  const rest = product(shape) / product(sizes.filter((size) => size !== -1));
  const result = sizes.map((size) => (size === -1 ? rest : size));
  return Number.isInteger(rest) && product(result) === product(shape) ? result : null;
}

function unsqueezed(shape: Shape, settings: Settings): Shape | null {
  const axis = axisOf(settings.get("dim"), shape.length + 1);
  return axis === null ? null : [...shape.slice(0, axis), 1, ...shape.slice(axis)];
}

function squeezed(shape: Shape, settings: Settings): Shape | null {
  if (settings.get("dim")?.kind === "none") return shape.filter((size) => size !== 1);
  const axis = axisOf(settings.get("dim"), shape.length);
  return axis === null ? null : shape.filter((size, index) => index !== axis || size !== 1);
}

function permuted(shape: Shape, settings: Settings): Shape | null {
  const order = numbersIn(settings.get("sizes"))?.map((axis) => (axis < 0 ? axis + shape.length : axis));
  if (order === undefined || new Set(order).size !== shape.length || order.length !== shape.length) return null;
  const sizes = order.map((axis) => shape[axis] ?? NaN);
  return sizes.some(Number.isNaN) ? null : sizes;
}

function transposed(shape: Shape, settings: Settings): Shape | null {
  const [a, b] = [axisOf(settings.get("dim0"), shape.length), axisOf(settings.get("dim1"), shape.length)];
  if (a === null || b === null) return null;
  return shape.map((size, axis) => (axis === a ? (shape[b] ?? size) : axis === b ? (shape[a] ?? size) : size));
}

function flattened(shape: Shape, settings: Settings): Shape | null {
  const [from, to] = [axisOf(settings.get("start_dim"), shape.length), axisOf(settings.get("end_dim"), shape.length)];
  if (from === null || to === null || to < from) return null;
  return [...shape.slice(0, from), product(shape.slice(from, to + 1)), ...shape.slice(to + 1)];
}

function expanded(shape: Shape, settings: Settings): Shape | null {
  const sizes = numbersIn(settings.get("sizes"));
  if (sizes === null || sizes.length < shape.length) return null;
  const lead = sizes.length - shape.length;
  const result = sizes.map((size, axis) => (size === -1 ? (shape[axis - lead] ?? -1) : size));
  const fits = shape.every((size, axis) => size === 1 || size === result[axis + lead]);
  return fits && !result.includes(-1) ? result : null;
}

function repeated(shape: Shape, settings: Settings): Shape | null {
  const counts = numbersIn(settings.get("sizes"));
  if (counts === null || counts.length < shape.length) return null;
  const lead = counts.length - shape.length;
  return counts.map((count, axis) => count * (shape[axis - lead] ?? 1));
}

/** By the name of the operation, as its signature names its settings. */
const SHAPES: Readonly<Record<string, (shape: Shape, settings: Settings) => Shape | null>> = {
  view: viewed,
  reshape: viewed,
  unsqueeze: unsqueezed,
  squeeze: squeezed,
  permute: permuted,
  transpose: transposed,
  swapaxes: transposed,
  swapdims: transposed,
  t: (shape) => (shape.length <= 2 ? [...shape].reverse() : null),
  flatten: flattened,
  expand: expanded,
  repeat: repeated,
};

/** Operations that treat each value by itself. */
const ELEMENTWISE = new Set(
  "abs exp log sqrt rsqrt square sin cos neg sign floor ceil round reciprocal detach log1p expm1 erf logical_not".split(
    " ",
  ),
);

/** The shape of what an operation makes of a tensor that does not come from the input. */
export function constantShape(name: string, shape: Shape | null, settings: Settings): Shape | null {
  if (shape === null) return null;
  return ELEMENTWISE.has(name) ? shape : (SHAPES[name]?.(shape, settings) ?? null);
}

/** NumPy's broadcasting; null where sizes do not fit or one is not known. */
export function broadcastConstants(shapes: readonly (Shape | null)[]): Shape | null {
  const rank = Math.max(...shapes.map((shape) => shape?.length ?? 0));
  const result = Array.from({ length: rank }, () => 1);
  for (const shape of shapes) {
    if (shape === null) return null;
    for (const [index, size] of shape.entries()) {
      const axis = rank - shape.length + index;
      const before = result[axis] ?? 1;
      if (before !== 1 && size !== 1 && before !== size) return null;
      result[axis] = before === 1 ? size : before;
    }
  }
  return result;
}

/** torch.cat along an axis, or torch.stack along a new one. */
export function joinedConstants(shapes: readonly (Shape | null)[], dim: number, isNew: boolean): Shape | null {
  const [first] = shapes;
  if (first === undefined || first === null || shapes.includes(null)) return null;
  const rank = first.length + (isNew ? 1 : 0);
  const axis = dim < 0 ? dim + rank : dim;
  if (axis < 0 || axis >= rank) return null;
  const fits = shapes.every(
    (shape) =>
      shape?.length === first.length &&
      shape.every((size, index) => (!isNew && index === axis) || size === first[index]),
  );
  if (!fits) return null;
  if (isNew) return [...first.slice(0, axis), shapes.length, ...first.slice(axis)];
  return first.map((size, index) =>
    index === axis ? shapes.reduce((total, shape) => total + (shape?.[axis] ?? 0), 0) : size,
  );
}
