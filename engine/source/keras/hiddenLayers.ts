/** What is known of the layers of a model that has no description (hiddenModels.ts): that they are unknown. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "../interpreter/machine";
import { unknownPlain } from "../interpreter/newValues";
import type { InstanceValue, UnknownValue, Value } from "../interpreter/values";
import { automaticName } from "./kerasState";
import { newLayer, type SymbolicTensor } from "./recordCall";
import { unfollowedTensor } from "./unfollowed";

/** Under this name the step, and the model that it is, have their reason. */
const HIDDEN = "\0hidden";

export function markHidden(machine: Machine, instance: InstanceValue, reason: UnknownValue): void {
  machine.journal.setVariable(instance.attributes, HIDDEN, reason);
}

/** Why nobody knows the layers of a model; null where they are known. */
function hiddenReason(instance: InstanceValue): UnknownValue | null {
  const reason = instance.attributes.get(HIDDEN);
  return reason?.kind === "unknown" ? reason : null;
}

/** `model.layers` where a hidden model is one of them: how many there are is unknown. */
export function hiddenLayers(layers: readonly InstanceValue[], range: SourceRange): UnknownValue | null {
  const isHidden = layers.some((layer) => hiddenReason(layer) !== null);
  return isHidden ? unknownPlain("how many layers this model has is unknown", range) : null;
}

/** `base.get_layer("block4").output` of a hidden model: a tensor that depends on the model's input. */
export function hiddenLayer(
  machine: Machine,
  model: InstanceValue,
  inputs: readonly SymbolicTensor[],
  range: SourceRange,
): Value | null {
  const reason = hiddenReason(model);
  return reason === null || inputs.length === 0 ? null : unfollowedLayer(machine, inputs, reason, range);
}

/** A layer of which nothing is known but that its output depends on these inputs. */
export function unfollowedLayer(
  machine: Machine,
  inputs: readonly SymbolicTensor[],
  reason: UnknownValue,
  range: SourceRange,
): InstanceValue {
  const output = unfollowedTensor(machine, "get_layer", inputs, reason, range);
  const layer = newLayer(
    machine,
    "Layer",
    { signature: "", build: () => ({ sizes: null, parameters: null }) },
    range,
    true,
  );
  machine.journal.setVariable(layer.attributes, "name", automaticName(machine, "Layer"));
  machine.journal.setVariable(layer.attributes, "output", output);
  return layer;
}
