/**
 * The shape rules of layers that the engine does not train. Formulas as on the PyTorch documentation page of each
 * layer. While the reader follows a forward pass, a size that is not known is NaN: it fits everything, and what is
 * computed from it is NaN too.
 */
import type { Shape, ShapeRule } from "../protocol/shape";

/** The output's shape, or null with what the layer expected when the input does not fit it. */
export interface ShapeResult {
  readonly shape: Shape | null;
  readonly mismatch: { readonly expected: string; readonly found: string } | null;
}

export const unknownShape: ShapeResult = { shape: null, mismatch: null };

export function known(shape: Shape): ShapeResult {
  return { shape, mismatch: null };
}

export function misfit(expected: string, found: Shape): ShapeResult {
  return { shape: null, mismatch: { expected, found: formatShape(found) } };
}

/** `16×14×14`; a single number per sample is an empty shape. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? "one value" : shape.map((size) => (Number.isNaN(size) ? "?" : size)).join("×");
}

/** Whether a size may be the expected one. */
export function fits(size: number | undefined, expected: number): boolean {
  return size === expected || Number.isNaN(size);
}

/** Two sizes that are the same, as far as they are known. */
function sameSize(a: number, b: number): boolean {
  return a === b || Number.isNaN(a) || Number.isNaN(b);
}

export interface WindowAxis {
  readonly kernelSize: number;
  readonly stride: number;
  /** Total padding of both sides. */
  readonly padding: number;
  readonly dilation: number;
}

/** torch.nn.Conv2d: ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride + 1⌋. */
export function convolvedSize(length: number, axis: WindowAxis): number {
  return Math.floor((length + axis.padding - axis.dilation * (axis.kernelSize - 1) - 1) / axis.stride) + 1;
}

export function shapeByRule(rule: ShapeRule, inputs: readonly (Shape | null)[]): ShapeResult {
  switch (rule.rule) {
    case "broadcast":
      return broadcast(inputs);
    case "concatenate":
      return concatenate(rule.axis, inputs);
    case "reshape":
      return reshape(rule.sizes, inputs[0] ?? null);
    case "workedOut":
      return workedOut(rule.cases, inputs);
    default: {
      const input = inputs[0] ?? null;
      return input === null ? unknownShape : shapeOfOne(rule, input);
    }
  }
}

type OneInputRule = Exclude<ShapeRule, { rule: "broadcast" | "concatenate" | "reshape" | "workedOut" }>;

function shapeOfOne(rule: OneInputRule, input: Shape): ShapeResult {
  switch (rule.rule) {
    case "same":
      return rule.channels === undefined || fits(input[0], rule.channels)
        ? known(input)
        : misfit(`${rule.channels} channels`, input);
    case "window":
      return windowShape(rule, input);
    case "transposedWindow":
      return transposedShape(rule, input);
    case "resize":
      return spatial(input, rule.size.length, (length, axis) => rule.size[axis] ?? length);
    case "scale":
      return scaledShape(rule.factors, input);
    case "pad":
      return paddedShape(rule.amounts, input);
    case "append":
      return known([...input, rule.size]);
    case "chunk":
      return alongAxis(rule.axis, input, (length) => {
        const step = Math.ceil(length / rule.chunks);
        return Math.min(step, length - rule.index * step);
      });
    case "narrow":
      return alongAxis(rule.axis, input, () => rule.size);
    case "permute":
      return permute(rule.order, input);
    case "reduce":
      return reduce(rule.axes, rule.keepDims, input);
    case "expand":
      return expand(rule.sizes, input);
    case "squeeze":
      return squeeze(rule.axis, input);
    case "unsqueeze":
      return unsqueeze(rule.axis, input);
  }
}

/** Changes the last `dims` axes and keeps the ones before. */
function spatial(input: Shape, dims: number, size: (length: number, axis: number) => number): ShapeResult {
  if (input.length < dims) return misfit(`${dims} axes after the channels`, input);
  const lead = input.slice(0, input.length - dims);
  return known([...lead, ...input.slice(input.length - dims).map(size)]);
}

/** Changes the size of one axis, counted with the batch. */
function alongAxis(axis: number, input: Shape, size: (length: number) => number): ShapeResult {
  const position = (axis < 0 ? axis + input.length + 1 : axis) - 1;
  const length = input[position];
  if (position < 0 || length === undefined) return unknownShape;
  return known(input.map((before, index) => (index === position ? size(length) : before)));
}

/** A negative amount crops; nothing can be left of an axis. */
function paddedShape(amounts: readonly number[], input: Shape): ShapeResult {
  const padded = spatial(input, amounts.length, (length, axis) => length + (amounts[axis] ?? 0));
  return padded.shape?.some((size) => size < 1) === true ? misfit("a larger input", input) : padded;
}

/** A single factor is for every axis after the channels, however many there are; otherwise there is one per axis. */
function scaledShape(factors: readonly number[], input: Shape): ShapeResult {
  const axes = input.length - 1;
  const [first = 1] = factors;
  if (axes < 1 || (factors.length !== 1 && factors.length !== axes))
    return misfit(`${factors.length} axes after the channels`, input);
  return spatial(input, axes, (length, axis) =>
    Math.floor(length * (factors.length === 1 ? first : (factors[axis] ?? 1))),
  );
}

function windowShape(rule: Extract<ShapeRule, { rule: "window" }>, input: Shape): ShapeResult {
  const dims = rule.kernelSize.length;
  const channels = input[0];
  const wrongChannels = rule.inChannels !== undefined && !fits(channels, rule.inChannels);
  if (channels === undefined || input.length !== dims + 1 || wrongChannels) {
    return misfit(`${rule.inChannels ?? "any number of"} channels and ${dims} axes after them`, input);
  }
  const sizes = input.slice(1).map((length, axis) => pooledSize(rule, length, axis));
  if (sizes.some((size) => size < 1)) return misfit(`at least ${rule.kernelSize.join("×")}`, input);
  return known([rule.outChannels ?? channels, ...sizes]);
}

/** With ceil_mode a last window may hang over the edge, but must start inside the input or its left padding. */
function pooledSize(rule: Extract<ShapeRule, { rule: "window" }>, length: number, axis: number): number {
  const window: WindowAxis = {
    kernelSize: rule.kernelSize[axis] ?? 1,
    stride: rule.stride[axis] ?? 1,
    padding: rule.padding[axis] ?? 0,
    dilation: rule.dilation[axis] ?? 1,
  };
  if (!rule.ceilMode) return convolvedSize(length, window);
  const covered = length + window.padding - window.dilation * (window.kernelSize - 1) - 1;
  const size = Math.ceil(covered / window.stride) + 1;
  return (size - 1) * window.stride >= length + window.padding / 2 ? size - 1 : size;
}

/** torch.nn.ConvTranspose2d: (H − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1. */
function transposedShape(rule: Extract<ShapeRule, { rule: "transposedWindow" }>, input: Shape): ShapeResult {
  const dims = rule.kernelSize.length;
  if (input.length !== dims + 1 || !fits(input[0], rule.inChannels)) {
    return misfit(`${rule.inChannels} channels and ${dims} axes after them`, input);
  }
  const sizes = input.slice(1).map((length, axis) => {
    const reach = (rule.dilation[axis] ?? 1) * ((rule.kernelSize[axis] ?? 1) - 1);
    return (
      (length - 1) * (rule.stride[axis] ?? 1) - (rule.padding[axis] ?? 0) + reach + (rule.outputPadding[axis] ?? 0) + 1
    );
  });
  return sizes.some((size) => size < 1) ? misfit("a larger input", input) : known([rule.outChannels, ...sizes]);
}

/** NumPy broadcasting from the last axis; the batch axis lines up only when all inputs have the same number of axes. */
function broadcast(inputs: readonly (Shape | null)[]): ShapeResult {
  let result = inputs[0] ?? null;
  if (result === null) return unknownShape;
  for (const next of inputs.slice(1)) {
    if (next?.length !== result.length) return unknownShape;
    const sizes: number[] = [];
    for (const [axis, size] of result.entries()) {
      const other: number = next[axis] ?? 1;
      if (!sameSize(size, other) && size !== 1 && other !== 1) return misfit(formatShape(result), next);
      sizes.push(broadcastSize(size, other));
    }
    result = sizes;
  }
  return known(result);
}

/** A size above 1 decides; beside a 1 the other size stays, known or not. */
function broadcastSize(a: number, b: number): number {
  if (Number.isNaN(a)) return b > 1 ? b : a;
  if (Number.isNaN(b)) return a > 1 ? a : b;
  return Math.max(a, b);
}

function concatenate(axis: number, inputs: readonly (Shape | null)[]): ShapeResult {
  const first = inputs[0] ?? null;
  if (first === null) return unknownShape;
  const position = (axis < 0 ? axis + first.length + 1 : axis) - 1;
  if (position < 0) return unknownShape;
  if (position >= first.length) return misfit(`an axis ${axis}`, first);
  let total = 0;
  for (const input of inputs) {
    if (input === null) return unknownShape;
    const isSame =
      input.length === first.length &&
      input.every((size, index) => index === position || sameSize(size, first[index] ?? NaN));
    if (!isSame) return misfit(`${formatShape(first)} except along axis ${axis}`, input);
    total += input[position] ?? 0;
  }
  const sizes = first.map((size, index) =>
    Number.isNaN(size)
      ? (inputs.map((input) => input?.[index]).find((other) => other !== undefined && !Number.isNaN(other)) ?? size)
      : size,
  );
  return known(sizes.map((size, index) => (index === position ? total : size)));
}

function workedOut(
  cases: Extract<ShapeRule, { rule: "workedOut" }>["cases"],
  inputs: readonly (Shape | null)[],
): ShapeResult {
  const found = cases.find(
    (entry) =>
      entry.inputs.length === inputs.length &&
      entry.inputs.every((shape, index) => shape.join() === inputs[index]?.join()),
  );
  return found === undefined ? unknownShape : known(found.output);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

function reshape(sizes: readonly number[], input: Shape | null): ShapeResult {
  const fixed = product(sizes.filter((size) => size !== -1));
  const free = sizes.filter((size) => size === -1).length;
  if (input === null) return free === 0 ? known(sizes) : unknownShape;
  const values = product(input);
  if (Number.isNaN(values)) return known(sizes.map((size) => (size === -1 ? NaN : size)));
  if (free === 0) return values === fixed ? known(sizes) : misfit(`${fixed} values per sample`, input);
  if (free > 1 || fixed === 0 || values % fixed !== 0) return misfit(`a multiple of ${fixed} values per sample`, input);
  return known(sizes.map((size) => (size === -1 ? values / fixed : size)));
}

function permute(order: readonly number[], input: Shape): ShapeResult {
  if (order[0] !== 0) return unknownShape;
  if (order.length !== input.length + 1) return misfit(`${order.length - 1} axes after the batch`, input);
  return known(order.slice(1).map((axis) => input[axis - 1] ?? 0));
}

function reduce(axes: readonly number[], keepDims: boolean, input: Shape): ShapeResult {
  const rank = input.length + 1;
  const positions = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (positions.has(0)) return unknownShape;
  if ([...positions].some((axis) => axis < 0 || axis >= rank)) return misfit(`axes ${axes.join(", ")}`, input);
  if (keepDims) return known(input.map((size, index) => (positions.has(index + 1) ? 1 : size)));
  return known(input.filter((_, index) => !positions.has(index + 1)));
}

/** Sizes line up from the last axis; an axis of another size than 1 cannot be repeated. */
function expand(sizes: readonly number[], input: Shape): ShapeResult {
  // With more axes than a sample has, the batch's would be another one.
  if (sizes.length !== input.length) return unknownShape;
  const fitting = input.every((size, axis) => sizes[axis] === -1 || size === 1 || sameSize(size, sizes[axis] ?? NaN));
  return fitting
    ? known(input.map((size, axis) => (sizes[axis] === -1 ? size : (sizes[axis] ?? size))))
    : misfit(formatShape(sizes), input);
}

function squeeze(axis: number, input: Shape): ShapeResult {
  const rank = input.length + 1;
  const position = axis < 0 ? axis + rank : axis;
  if (position <= 0 || position >= rank || Number.isNaN(input[position - 1])) return unknownShape;
  return known(input.filter((size, index) => index + 1 !== position || size !== 1));
}

function unsqueeze(axis: number, input: Shape): ShapeResult {
  const position = axis < 0 ? axis + input.length + 2 : axis;
  if (position <= 0 || position > input.length + 1) return unknownShape;
  return known([...input.slice(0, position - 1), 1, ...input.slice(position - 1)]);
}
