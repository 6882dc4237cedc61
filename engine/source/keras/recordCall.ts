import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "../interpreter/machine";
import { unknown } from "../interpreter/newValues";
import type {
  InstanceValue,
  KerasCall,
  KerasInvocation,
  KerasTensor,
  OpenShape,
  TensorValue,
  UnknownValue,
  Value,
} from "../interpreter/values";
import { newModuleState } from "../interpreter/classes";
import { LayerArguments } from "../torch/layerArguments";
import { automaticName, imageDataFormat, inheritedTraining, kerasState, nextSerial } from "./kerasState";
import type { BuiltCall, KerasLayer, KerasLayerSpec } from "./kerasLayerSpec";
import { register } from "./kerasLayerTable";

/** A tensor of the functional API. */
export type SymbolicTensor = TensorValue & { readonly keras: KerasTensor };

export function isSymbolic(value: Value | undefined): value is SymbolicTensor {
  return value?.kind === "tensor" && value.keras !== undefined;
}

/** A shape with nothing left open, or null. */
export function closed(sizes: OpenShape | null): readonly number[] | null {
  return sizes === null || sizes.includes(null) ? null : (sizes as readonly number[]);
}

export function symbolicTensor(call: KerasCall, sizes: OpenShape | null, index = 0): SymbolicTensor {
  return { kind: "tensor", node: null, shape: closed(sizes), isParameter: false, keras: { call, index, sizes } };
}

interface LeafCall {
  readonly instance: InstanceValue;
  readonly inputs: readonly SymbolicTensor[];
  readonly within: readonly KerasInvocation[];
  readonly training: boolean;
  readonly range: SourceRange;
  /** Why nothing is known of what the call makes. */
  readonly reason?: UnknownValue | undefined;
}

/** Calls one layer: gives its results, the output first. */
export function recordLeaf(
  machine: Machine,
  { instance, inputs, within, training, range, reason }: LeafCall,
): readonly SymbolicTensor[] {
  machine.budget.spend(20);
  const layer = kerasState(machine).layers.get(instance);
  const problems: UnknownValue[] = reason === undefined ? [] : [reason];
  const built =
    layer === undefined
      ? null
      : buildLayer(
          machine,
          instance,
          layer,
          inputs.map((input) => (reason === undefined ? sizesFor(instance, input) : null)),
          problems,
        );
  const call: KerasCall = {
    serial: nextSerial(machine),
    layer: instance,
    inputs,
    within,
    op: built?.op ?? { kind: "other", className: layer?.className ?? "Layer" },
    sizes: built?.sizes ?? null,
    parameters: built?.parameters ?? null,
    problems,
    training,
    range,
    ...(reason === undefined ? {} : { reason }),
  };
  return [
    symbolicTensor(call, call.sizes),
    ...(built?.more ?? []).map((sizes, index) => symbolicTensor(call, sizes, index + 1)),
  ];
}

/** Nobody says what a model is called with, or what an unfollowed layer makes: the next layer says how many axes. */
function sizesFor(instance: InstanceValue, { keras: { sizes, call } }: SymbolicTensor): OpenShape | null {
  if (sizes !== null) return call.isAssumed === true ? fittedSizes(sizes, instance) : sizes;
  const isOpen = call.inputs.length === 0 || (call.reason !== undefined && nameOf(instance).endsWith(".Dense"));
  return isOpen ? Array.from({ length: axesOf(instance) }, () => null) : null;
}

/** Layers that take one number of axes only. */
const FIXED_AXES = /[123]D|LSTM|GRU|RNN/;

/** Sizes that nobody gave, as many as a layer takes: of `(64, 64, 3)` a Conv1D takes `(64, 3)`. */
export function fittedSizes(sizes: OpenShape, layer: InstanceValue): OpenShape {
  const count = axesOf(layer);
  if (sizes.length === count || !FIXED_AXES.test(nameOf(layer))) return sizes;
  const missing = Array.from({ length: Math.max(0, count - sizes.length) }, () => sizes[0] ?? null);
  return [...missing, ...sizes.slice(-count)];
}

const nameOf = ({ cls }: InstanceValue): string => (cls.kind === "class" ? cls.name : cls.path);

/** How many axes the input of a layer usually has, without that of the batch. */
export function axesOf(instance: InstanceValue): number {
  const name = nameOf(instance);
  if (name.includes("3D")) return 4;
  if (/1D|LSTM|GRU|RNN|Attention|Bidirectional|TimeDistributed/.test(name)) return 2;
  return /Dense|PReLU|Embedding/.test(name) ? 1 : 3;
}

/** What a layer makes of inputs of these sizes; what it does not know goes into `problems`. */
function buildLayer(
  machine: Machine,
  instance: InstanceValue,
  layer: KerasLayer,
  inputs: readonly (OpenShape | null)[],
  problems: UnknownValue[],
): BuiltCall | null {
  if (layer.failure !== null) problems.push(layer.failure);
  if (layer.spec === null || layer.failure !== null) return null;
  const args = new LayerArguments(layer.className, currentArguments(instance, layer, problems), instance.range);
  const built = layer.spec.build({
    className: layer.className,
    args,
    inputs,
    input: inputs[0] ?? null,
    channelsFirst: channelsFirst(machine, args, problems),
    isFormatWritten: args.value("data_format").kind !== "none" || kerasState(machine).settings.has("image_data_format"),
    fail: (reason) => problems.push(unknown(reason, instance.range)),
    inner: (value, input) => {
      const inner = value.kind === "instance" ? kerasState(machine).layers.get(value) : undefined;
      return value.kind !== "instance" || inner === undefined
        ? null
        : buildLayer(machine, value, inner, [input], problems);
    },
  });
  problems.push(...args.problems);
  return built;
}

/** The momentum and ε of a normalization count as they are when it is called; any other change is not followed. */
function currentArguments(
  instance: InstanceValue,
  { bound, spec }: KerasLayer,
  problems: UnknownValue[],
): ReadonlyMap<string, Value> {
  const current = new Map(bound);
  for (const [name, before] of bound) {
    const now = instance.attributes.get(name);
    if (
      now === undefined ||
      now === before ||
      name === "name" ||
      name === "trainable" ||
      spec?.signature.includes(name) !== true
    )
      continue;
    if (name === "momentum" || name === "epsilon") current.set(name, now);
    else
      problems.push(
        now.kind === "unknown" ? now : unknown(`${name} changes after the layer was created`, instance.range),
      );
  }
  return current;
}

function channelsFirst(machine: Machine, args: LayerArguments, problems: UnknownValue[]): boolean | null {
  const given = args.value("data_format");
  const format = given.kind === "none" ? imageDataFormat(machine) : given;
  if (format.kind === "unknown") problems.push(format);
  return format.kind === "string" ? format.value === "channels_first" : null;
}

/** What `model.layers` and `within` are relative to while calls are being made. */
export function recordHere(
  machine: Machine,
  instance: InstanceValue,
  inputs: readonly SymbolicTensor[],
  range: SourceRange,
  training: Value | undefined,
  reason?: UnknownValue,
): readonly SymbolicTensor[] {
  const mode = training ?? inheritedTraining(machine);
  const isTraining = !(mode.kind === "bool" && !mode.value);
  return recordLeaf(machine, {
    instance,
    inputs,
    within: [...kerasState(machine).within],
    training: isTraining,
    range,
    reason,
  });
}

/** A function on Keras tensors (`x + y`, `tf.nn.relu(x)`), which Keras turns into a layer without weights. */
export function recordOperation(
  machine: Machine,
  className: string,
  displayName: string,
  inputs: readonly SymbolicTensor[],
  build: KerasLayerSpec["build"],
  range: SourceRange,
): SymbolicTensor {
  const instance = newLayer(machine, displayName, { signature: "", build }, range, true);
  const name = automaticName(machine, className);
  machine.journal.setVariable(instance.attributes, "name", name);
  const [result] = recordHere(machine, instance, inputs, range, undefined);
  if (result === undefined) throw new Error("A call without a result");
  return result;
}

/** A layer that no constructor of the user's made. */
export function newLayer(
  machine: Machine,
  className: string,
  spec: KerasLayerSpec,
  range: SourceRange,
  functional: boolean,
): InstanceValue {
  const instance: InstanceValue = {
    kind: "instance",
    cls: { kind: "library", path: `keras.layers.${className}` },
    attributes: new Map(),
    module: newModuleState(),
    range,
  };
  register(machine, instance, { className, spec, bound: new Map(), failure: null, functional });
  return instance;
}

const inputSpec: KerasLayerSpec = { signature: "", build: () => ({ sizes: null, parameters: 0 }) };

/** keras.Input: a tensor that a model is called with. */
export function newInput(
  machine: Machine,
  sizes: OpenShape | null,
  name: Value | null,
  range: SourceRange,
  isAssumed = false,
): SymbolicTensor {
  const instance = newLayer(machine, "InputLayer", inputSpec, range, false);
  machine.journal.setVariable(instance.attributes, "name", name ?? automaticName(machine, "InputLayer"));
  const call: KerasCall = {
    serial: nextSerial(machine),
    layer: instance,
    inputs: [],
    within: [...kerasState(machine).within],
    op: { kind: "other", className: "InputLayer" },
    sizes,
    parameters: 0,
    problems: [],
    training: true,
    range,
    ...(isAssumed ? { isAssumed } : {}),
  };
  return symbolicTensor(call, sizes);
}
