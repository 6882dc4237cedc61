/** What Keras keeps for a whole process: how many layers of each class there are, the default data format. */
import type { Machine } from "../interpreter/machine";
import { bool, int, string } from "../interpreter/newValues";
import type { InstanceValue, KerasInvocation, Value } from "../interpreter/values";
import type { KerasLayer } from "./kerasLayerSpec";
import { snakeCase } from "./paths";

export interface KerasState {
  /** How many names were given, by their stem. Values, so that a branch that may not run can be taken back. */
  readonly names: Map<string, Value>;
  readonly settings: Map<string, Value>;
  readonly layers: WeakMap<InstanceValue, KerasLayer>;
  /** Calls and layers that have been made; only ever grows, so it orders what exists. */
  serial: number;
  /** The models and user-defined layers that are being called, the outermost first. */
  readonly within: KerasInvocation[];
  /** The `training` argument that calls inside inherit. */
  readonly training: Value[];
}

const states = new WeakMap<Machine, KerasState>();

export function kerasState(machine: Machine): KerasState {
  const known = states.get(machine);
  if (known !== undefined) return known;
  const state: KerasState = {
    names: new Map(),
    settings: new Map(),
    layers: new WeakMap(),
    serial: 0,
    within: [],
    training: [],
  };
  states.set(machine, state);
  return state;
}

/** The name a layer gets when it is given none: `conv2d`, `conv2d_1`, … (keras/src/utils/naming.py, auto_name). */
export function automaticName(machine: Machine, className: string): Value {
  const { names } = kerasState(machine);
  const stem = snakeCase(className);
  const count = names.get(stem) ?? int(0);
  if (count.kind !== "int") return count;
  machine.journal.setVariable(names, stem, int(count.value + 1));
  if (kerasState(machine).settings.has("tfjs")) return string(nameInTfjs(className, stem, count.value + 1));
  return string(count.value === 0 ? stem : `${stem}_${count.value}`);
}

/** tfjs-layers/src/engine/topology.ts, container.ts and models.ts: layers, functional models, Sequentials. */
function nameInTfjs(className: string, stem: string, count: number): string {
  if (className === "Sequential") return `sequential_${count}`;
  return className === "Functional" ? `model${count}` : `${stem}_${className}${count}`;
}

/** Makes names as TensorFlow.js does: `conv2d_Conv2D1`. */
export function nameAsTfjs(machine: Machine): void {
  kerasState(machine).settings.set("tfjs", bool(true));
}

/** Starts counting again, as in a process that builds only this model. */
export function forgetNames(machine: Machine): void {
  const { names } = kerasState(machine);
  for (const stem of [...names.keys()]) machine.journal.deleteVariable(names, stem);
}

/** `channels_last` unless the file says otherwise; what a config file says is not known. */
export function imageDataFormat(machine: Machine): Value {
  return kerasState(machine).settings.get("image_data_format") ?? string("channels_last");
}

/** Whether a call is one of training; Keras's own `fit` makes it so. */
export function inheritedTraining(machine: Machine): Value {
  return kerasState(machine).training.at(-1) ?? bool(true);
}

export function nextSerial(machine: Machine): number {
  return kerasState(machine).serial++;
}
