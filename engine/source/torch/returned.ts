/** What a model's `forward` returned, taken apart: a tensor, or tensors in tuples, lists, dicts and data classes. */
import type { SourceRange } from "../../protocol/modelGraph";
import { kindWithArticle } from "../interpreter/truth";
import { unknown } from "../interpreter/newValues";
import type { TensorValue, UnknownValue, Value } from "../interpreter/values";

export interface Returned {
  readonly tensors: readonly ReturnedTensor[];
  readonly unknowns: readonly UnknownValue[];
}

export interface ReturnedTensor {
  /** Where it sits in the result: empty for a single tensor, `1` in a tuple, `aux` in a dict, `1.0` further inside. */
  readonly place: string;
  readonly node: number;
}

/**
 * Tensors that do not come from an input, and numbers beside them, are no outputs of the model's layers. `current`
 * gives a tensor as it is when the pass ends.
 */
export function returnedTensors(
  result: Value,
  range: SourceRange,
  current: (tensor: TensorValue) => TensorValue | UnknownValue,
): Returned {
  const tensors: ReturnedTensor[] = [];
  const unknowns: UnknownValue[] = [];
  collect(result, "");
  if (tensors.length > 0 || unknowns.length > 0) return { tensors, unknowns };
  const what = result.kind === "tensor" ? "a tensor that does not depend on its input" : kindWithArticle(result);
  return {
    tensors,
    unknowns: [unknown(`the model's forward returns ${what}, not a tensor made from its input`, range)],
  };

  function collect(given: Value, place: string): void {
    const value = given.kind === "tensor" ? current(given) : given;
    if (value.kind === "tensor") {
      if (value.node !== null) tensors.push({ place, node: value.node });
      return;
    }
    if (value.kind === "unknown") unknowns.push(value);
    else for (const [name, part] of partsOf(value)) collect(part, place === "" ? name : `${place}.${name}`);
    if ((value.kind === "list" || value.kind === "dict") && value.taint !== null) unknowns.push(value.taint);
  }
}

function partsOf(value: Value): (readonly [string, Value])[] {
  switch (value.kind) {
    case "tuple":
    case "list":
      return value.elements.map((element, index) => [String(index), element] as const);
    case "dict":
      return [...value.entries.values()].map(
        ({ key, value: part }, index) => [key.kind === "string" ? key.value : String(index), part] as const,
      );
    case "instance":
      return value.module === null ? [...value.attributes] : [];
    default:
      return [];
  }
}
