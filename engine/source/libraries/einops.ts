/** einops: rearrange, reduce and repeat, as functions and as layers of einops.layers.torch. */
import type { LibraryCall, LibraryFunction, ModuleConstructor } from "../interpreter/machine";
import { isUnknown } from "../interpreter/aboutValues";
import { none, unknown } from "../interpreter/newValues";
import { elementsOf } from "../interpreter/truth";
import type { TensorValue, UnknownValue, Value } from "../interpreter/values";
import { axesOfTensor, placed, placeOf, type Axes, type Placed } from "../torch/batchPlace";
import { FUNCTION } from "../torch/callModule";
import { recordRearranged } from "../torch/rearranged";
import { parsePattern, withoutEllipsis, type Group, type Pattern } from "./einopsPattern";

/** The size of every name; null for that of the batch. */
type Sizes = ReadonlyMap<string, number | null>;

/** The names of the left side, and what is given beside it; null where one is missing or does not divide. */
function sizesOf(from: readonly Group[], axes: Axes, given: ReadonlyMap<string, number>): Sizes | null {
  const sizes = new Map<string, number | null>(given);
  for (const [index, group] of from.entries()) {
    const axis = axes[index];
    if (axis === undefined) return null;
    const open = group.filter((name) => !given.has(name));
    const known = group.reduce((total, name) => total * (given.get(name) ?? 1), 1);
    const [only, ...others] = open;
    if (others.length > 0) return null;
    if (axis === null) {
      // The rows of the batch: what is left of them is the batch.
      if (only === undefined) return null;
      sizes.set(only, null);
    } else if (only === undefined) {
      if (known !== axis) return null;
    } else if (axis % known !== 0) return null;
    else sizes.set(only, axis / known);
  }
  return sizes;
}

/** The rows of the batch that a name of the left side stands for. */
function rowsLeft(from: readonly Group[], axes: Axes, given: ReadonlyMap<string, number>, rows: number): number {
  const group = from[axes.indexOf(null)] ?? [];
  return rows / group.reduce((total, name) => total * (given.get(name) ?? 1), 1);
}

function resultOf({ from, to }: Pattern, input: TensorValue, given: ReadonlyMap<string, number>): Placed | null {
  const axes = axesOfTensor(input);
  const pattern = axes === null ? null : withoutEllipsis({ from, to }, axes.length);
  const sizes = axes === null || pattern === null ? null : sizesOf(pattern.from, axes, given);
  if (axes === null || pattern === null || sizes === null) return null;
  let rows = rowsLeft(pattern.from, axes, given, placeOf(input).rows);
  const after: (number | null)[] = [];
  for (const group of pattern.to) {
    const parts = group.map((name) => sizes.get(name));
    if (parts.includes(undefined)) return null;
    const product = (parts as (number | null)[]).reduce<number>((total, size) => total * (size ?? 1), 1);
    const isBatch = parts.includes(null);
    if (isBatch) rows *= product;
    after.push(isBatch ? null : product);
  }
  return Number.isInteger(rows) ? placed(after, rows) : null;
}

/** Sizes by name; an unknown where one is not a whole number. */
function givenSizes({ args, range }: LibraryCall): ReadonlyMap<string, number> | UnknownValue {
  const sizes = new Map<string, number>();
  for (const [name, value] of args.keywords) {
    if (name === "reduction" || name === "pattern") continue;
    if (value.kind === "unknown") return value;
    if (value.kind === "batchSize") continue;
    if (value.kind !== "int") return unknown(`the size ${name} of this pattern is unknown`, range);
    sizes.set(name, value.value);
  }
  return sizes;
}

function rearranging(name: string): LibraryFunction {
  return (call) => {
    const { machine, args, range } = call;
    const [given = none, second] = args.positional;
    // A call of its own in a Keras graph, with this reason.
    if (given.kind === "tensor" && given.keras !== undefined)
      return unknown(`NormLens does not follow einops.${name} of a Keras tensor`, range);
    const text = second ?? args.keywords.get("pattern");
    const sizes = args.taint ?? givenSizes(call);
    const pattern = text?.kind === "string" ? parsePattern(text.value) : null;
    const input = given.kind === "list" ? stacked(call, given) : given;
    const cause = "kind" in sizes ? sizes : text?.kind === "unknown" ? text : input.kind === "unknown" ? input : null;
    if (cause !== null || pattern === null || input.kind !== "tensor" || "kind" in sizes) {
      const reason = cause ?? unknown(`NormLens does not follow this ${name}`, range);
      machine.report(reason);
      return reason;
    }
    return recordRearranged(machine, name, `einops.${name}`, input, resultOf(pattern, input, sizes), range);
  };
}

/** A list of tensors is one tensor with a new first axis. */
function stacked({ machine, range }: LibraryCall, tensors: Value): Value {
  const elements = elementsOf(tensors, range);
  if (isUnknown(elements)) return elements;
  return machine.call(
    { kind: "library", path: "torch.stack" },
    { positional: [tensors], keywords: new Map(), taint: null },
    range,
  );
}

const NAMES = ["rearrange", "reduce", "repeat"];

export const einopsFunctions: ReadonlyMap<string, LibraryFunction> = new Map(
  NAMES.map((name) => [`einops.${name}`, rearranging(name)] as const),
);

/** A layer whose call is the function with what the layer was made with. */
function layerOf(name: string): ModuleConstructor {
  return (machine, instance, args) => {
    const callee: Value = { kind: "library", path: `einops.${name}` };
    const [pattern, ...rest] = args.positional;
    const keywords = new Map(args.keywords);
    if (pattern !== undefined) keywords.set("pattern", pattern);
    if (rest[0] !== undefined) keywords.set("reduction", rest[0]);
    if (args.taint !== null) instance.module.unknowns.push(args.taint);
    machine.journal.setVariable(instance.attributes, FUNCTION, { kind: "partial", callee, positional: [], keywords });
  };
}

export const einopsLayers: readonly (readonly [string, ModuleConstructor])[] = [
  ["einops.layers.torch.Rearrange", layerOf("rearrange")],
  ["einops.layers.torch.Reduce", layerOf("reduce")],
];
