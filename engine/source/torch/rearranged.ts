import type { LayerOp } from "../../protocol/layerOps";
import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "../interpreter/machine";
import type { TensorValue, Value } from "../interpreter/values";
import type { Placed } from "./batchPlace";
import { other } from "./layers/torchLayerSpec";
import { recordCall } from "./record";

/** A rearrangement that the engine does not train, with the shape that was worked out for this input. */
export function recordRearranged(
  machine: Machine,
  name: string,
  className: string,
  input: TensorValue,
  result: Placed | null,
  range: SourceRange,
): Value {
  const isKnown = result !== null && input.shape !== null;
  const op: LayerOp = other(
    name,
    isKnown ? { rule: "workedOut", cases: [{ inputs: [input.shape ?? []], output: result.shape }] } : null,
  );
  return recordCall(
    machine,
    {
      callee: { kind: "function", name, className, op },
      className,
      op,
      outputs: 1,
      range,
      ...(result === null ? {} : { result }),
    },
    [input],
  );
}
