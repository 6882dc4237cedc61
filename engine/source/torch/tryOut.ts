/**
 * A module that is called while a model is built, on a tensor of known sizes. People find the inputs of a Linear that
 * way: `self.conv(torch.zeros(1, 3, 32, 32)).view(1, -1).shape[1]`.
 */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, Machine } from "../interpreter/machine";
import type { TensorValue, UnknownValue, Value } from "../interpreter/values";
import { isPlain } from "./batchPlace";
import type { Module } from "./moduleState";
import { constantTensor } from "./record";
import { inputNode, newTrace } from "./trace";

/** What comes out, with its sizes; null for a call on anything but one tensor whose sizes are all known. */
export function tryOut(machine: Machine, module: Module, args: CallArguments, range: SourceRange): Value | null {
  const [given, ...others] = args.positional;
  if (given?.kind !== "tensor" || others.length > 0 || args.keywords.size > 0 || args.taint !== null) return null;
  const [rows, ...sizes] = given.node === null && given.keras === undefined ? (given.shape ?? []) : [];
  if (rows === undefined || [rows, ...sizes].some(Number.isNaN)) return null;
  const input: TensorValue = { kind: "tensor", node: inputNode(0), shape: sizes, isParameter: false, storage: 0 };
  // A forward pass of its own: nothing of it is part of the model's graph.
  const unheard: UnknownValue[] = [];
  machine.trace = newTrace(1);
  const result = machine.collecting(unheard, () =>
    machine.call(module, { positional: [input], keywords: new Map(), taint: null }, range),
  );
  machine.trace = null;
  return withRows(result, rows);
}

/** Tensors of the pass, with all of their axes. */
function withRows(value: Value, rows: number): Value {
  if (value.kind === "tuple") return { ...value, elements: value.elements.map((element) => withRows(element, rows)) };
  if (value.kind !== "tensor" || value.node === null) return value;
  const isKnown = value.shape !== null && isPlain(value) && !value.shape.some(Number.isNaN);
  return { ...constantTensor, shape: isKnown && value.shape !== null ? [rows, ...value.shape] : null };
}
