/** keras.Model, keras.Sequential and keras.layers.Layer: what their constructors and methods do. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, LibraryFunction, Machine, ModuleConstructor } from "../interpreter/machine";
import { elementsOf } from "../interpreter/truth";
import { isModule, isUnknown } from "../interpreter/aboutValues";
import { isAssumed } from "../interpreter/openValues";
import { list, none, tuple, unknown, unknownPlain, unknownSetting } from "../interpreter/newValues";
import type { InstanceValue, ModuleState, OpenShape, Value } from "../interpreter/values";
import { giveName, register } from "./kerasLayerTable";
import { isSymbolic, newInput, type SymbolicTensor } from "./recordCall";
import { knownTensor } from "./openTensor";
import type { FunctionalEnds } from "./replay";
import { hiddenLayer, unfollowedLayer } from "./hiddenLayers";

type Module = InstanceValue & { readonly module: ModuleState };

const nothing = new Map<string, Value>();

/** The attribute under which a wrapper has the layer that it calls for each time step. */
export const WRAPPED = "\0wrapped";

/** keras.layers.Layer: what it does is said by the class that derives from it. */
const initializeLayer: ModuleConstructor = (machine, instance, args) => {
  register(machine, instance, {
    className: instance.cls.kind === "class" ? instance.cls.name : "Layer",
    spec: null,
    bound: nothing,
    failure: null,
  });
  giveName(machine, instance, args.keywords.get("name") ?? none);
};

/** `Model(inputs, outputs)` is functional; a class of the user's calls it without either. */
const initializeModel: ModuleConstructor = (machine, instance, args, range) => {
  const { journal } = machine;
  const end = (position: number, ...names: readonly string[]): Value | undefined => {
    const given = args.positional[position] ?? names.map((name) => args.keywords.get(name)).find((value) => value);
    return given === undefined ? undefined : knownTensor(given);
  };
  const inputs = end(0, "inputs", "input");
  const outputs = end(1, "outputs", "output");
  const isFunctional = inputs !== undefined && outputs !== undefined;
  register(machine, instance, {
    className: instance.cls.kind === "class" ? instance.cls.name : isFunctional ? "Functional" : "Model",
    spec: null,
    bound: nothing,
    failure: null,
  });
  giveName(machine, instance, args.positional[2] ?? args.keywords.get("name") ?? none);
  if (args.taint !== null) note(machine, instance, args.taint);
  if (!isFunctional) return;
  journal.setVariable(instance.attributes, "\0inputs", inputs);
  journal.setVariable(instance.attributes, "\0outputs", outputs);
  for (const value of [inputs, outputs]) {
    const strange = tensorsIn(value).find((tensor) => !isSymbolic(tensor));
    if (strange !== undefined)
      note(
        machine,
        instance,
        strange.kind === "unknown"
          ? strange
          : unknown("the model is made of something that is not a Keras tensor", range),
      );
  }
};

function note(machine: Machine, module: Module, reason: ReturnType<typeof unknown>): void {
  machine.journal.beforeModule(module);
  module.module.unknowns.push(reason);
}

function tensorsIn(value: Value): Value[] {
  if (value.kind === "tuple") return value.elements.flatMap(tensorsIn);
  if (value.kind === "list") return value.taint !== null ? [value.taint] : value.elements.flatMap(tensorsIn);
  if (value.kind === "dict")
    return value.taint !== null
      ? [value.taint]
      : [...value.entries.values()].flatMap((entry) => tensorsIn(entry.value));
  return [value];
}

/** A functional model's inputs and outputs; null for any other model, and for one in which something is unknown. */
export function functionalEnds(module: InstanceValue): FunctionalEnds | null {
  const inputs = module.attributes.get("\0inputs");
  const outputs = module.attributes.get("\0outputs");
  if (inputs === undefined || outputs === undefined) return null;
  const ends = {
    inputs: tensorsIn(inputs).filter(isSymbolic),
    outputs: tensorsIn(outputs).filter(isSymbolic),
    returnsList: outputs.kind !== "tensor",
  };
  const isWhole = ends.inputs.length === tensorsIn(inputs).length && ends.outputs.length === tensorsIn(outputs).length;
  return isWhole && ends.outputs.length > 0 ? ends : null;
}

const initializeSequential: ModuleConstructor = (machine, instance, args, range) => {
  register(machine, instance, {
    className: instance.cls.kind === "class" ? instance.cls.name : "Sequential",
    spec: null,
    bound: nothing,
    failure: null,
  });
  const layers = args.positional[0] ?? args.keywords.get("layers") ?? none;
  giveName(machine, instance, args.positional[1] ?? args.keywords.get("name") ?? none);
  instance.module.container = "sequential";
  if (args.taint !== null) note(machine, instance, args.taint);
  if (layers.kind === "none") return;
  const elements = elementsOf(layers, range);
  if (isUnknown(elements)) note(machine, instance, elements);
  else for (const element of elements) addLayer(machine, instance, element, range);
};

function addLayer(machine: Machine, module: Module, layer: Value, range: SourceRange): void {
  const { children } = module.module;
  const last = [...children.keys()].at(-1);
  if (isModule(layer) || layer.kind === "unknown" || isSymbolic(layer)) {
    machine.journal.setChild(module.module, String(last === undefined ? 0 : Number(last) + 1), layer);
    if (module.attributes.has("\0ends")) machine.journal.deleteVariable(module.attributes, "\0ends");
  } else note(machine, module, unknown("something that is not a layer is added as one", range));
}

const inputLayer: ModuleConstructor = (machine, instance, args, range) => {
  const tensor = inputOf(machine, args, range);
  register(machine, instance, { className: "InputLayer", spec: null, bound: nothing, failure: null });
  machine.journal.setVariable(
    instance.attributes,
    "name",
    isSymbolic(tensor) ? (tensor.keras.call.layer.attributes.get("name") ?? none) : none,
  );
  machine.journal.setVariable(instance.attributes, "\0input", tensor);
};

/** keras.layers.Lambda: its function is followed as a layer's own `call` is. */
const lambda: ModuleConstructor = (machine, instance, args, range) => {
  register(machine, instance, { className: "Lambda", spec: null, bound: nothing, failure: null });
  giveName(machine, instance, args.keywords.get("name") ?? none);
  machine.journal.setVariable(
    instance.attributes,
    "\0function",
    args.taint ?? args.positional[0] ?? args.keywords.get("function") ?? unknown("this Lambda has no function", range),
  );
  const given = args.keywords.get("arguments");
  if (given !== undefined && given.kind !== "none")
    machine.journal.setVariable(instance.attributes, "\0arguments", given);
};

/** keras.layers.TimeDistributed: the layer it wraps is called on each time step. */
const timeDistributed: ModuleConstructor = (machine, instance, args, range) => {
  register(machine, instance, { className: "TimeDistributed", spec: null, bound: nothing, failure: null });
  giveName(machine, instance, args.keywords.get("name") ?? none);
  const layer = args.taint ?? args.positional[0] ?? args.keywords.get("layer") ?? unknown("it wraps no layer", range);
  machine.journal.setVariable(instance.attributes, "layer", layer);
  machine.journal.setVariable(instance.attributes, WRAPPED, layer);
};

export const modelConstructors: ReadonlyMap<string, ModuleConstructor> = new Map([
  ["keras.layers.Layer", initializeLayer],
  ["keras.Model", initializeModel],
  ["keras.Sequential", initializeSequential],
  ["keras.layers.InputLayer", inputLayer],
  ["keras.layers.Lambda", lambda],
  ["keras.layers.TimeDistributed", timeDistributed],
]);

/** Sizes as Keras takes them: a tuple with None for what is left open; a single number is a tuple of one. */
export function openSizes(value: Value | undefined): OpenShape | null {
  if (value?.kind === "int") return [value.value];
  if (value?.kind !== "tuple" && value?.kind !== "list") return null;
  const sizes: (number | null)[] = [];
  for (const element of value.elements) {
    if (element.kind === "int" && element.value > 0) sizes.push(element.value);
    else if (element.kind === "none" || (element.kind === "unknown" && element.isPlain) || element.kind === "batchSize")
      sizes.push(null);
    else return null;
  }
  return sizes;
}

/** Whether all sizes of a shape are likely ones that nobody gave. */
export const isAssumedShape = (value: Value | undefined): boolean =>
  (value?.kind === "tuple" || value?.kind === "list") && value.elements.length > 0 && value.elements.every(isAssumed);

/** `Input(shape=…)`, `Input((28, 28, 1))`, `Input(batch_shape=(None, …))`. */
function inputOf(machine: Machine, args: CallArguments, range: SourceRange): Value {
  if (args.taint !== null) return args.taint;
  const { keywords } = args;
  const batched = keywords.get("batch_shape") ?? keywords.get("batch_input_shape");
  const shape = args.positional[0] ?? keywords.get("shape") ?? keywords.get("input_shape");
  if (keywords.has("tensor")) return keywords.get("tensor") ?? none;
  const given = batched !== undefined && batched.kind !== "none" ? batched : shape;
  if (given?.kind === "unknown" && !given.isPlain) {
    // No model exists that way.
    if (given.reason.includes("(Python raises")) return given;
    machine.report(given);
  }
  const sizes = openSizes(given);
  const isBatched = given === batched && batched !== undefined;
  const own = isBatched ? (sizes?.slice(1) ?? null) : sizes;
  return newInput(machine, own, keywords.get("name") ?? null, range, isAssumedShape(given));
}

export const input: LibraryFunction = ({ machine, args, range }) => inputOf(machine, args, range);

type Method = (machine: Machine, self: Module, args: CallArguments, range: SourceRange) => Value;

const add: Method = (machine, self, args, range) => {
  addLayer(machine, self, args.positional[0] ?? args.keywords.get("layer") ?? none, range);
  return none;
};

const pop: Method = (machine, self) => {
  const last = [...self.module.children.keys()].at(-1);
  if (last !== undefined) machine.journal.deleteChild(self.module, last);
  if (self.attributes.has("\0ends")) machine.journal.deleteVariable(self.attributes, "\0ends");
  return none;
};

/** `self.add_weight(shape=…)`: how many values the new weight has. */
const addWeight: Method = (machine, self, args, range) => {
  const [first, second] = args.positional;
  const shape = args.keywords.get("shape") ?? (first?.kind === "string" ? second : first) ?? tuple([]);
  const sizes = shape.kind === "none" ? [] : openSizes(shape);
  const count =
    sizes === null || sizes.includes(null) ? null : sizes.reduce<number>((total, size) => total * (size ?? 1), 1);
  machine.journal.setParameter(self.module, `weight ${self.module.parameters.size}`, count);
  if (count === null)
    note(machine, self, shape.kind === "unknown" ? shape : unknownSetting("the size of this weight is unknown", range));
  return { kind: "tensor", node: null, shape: count === null ? null : (sizes as number[]), isParameter: false };
};

/** `model.build((None, 28, 28, 1))` says what the model's input is. */
const buildFor: Method = (machine, self, args) => {
  const shape = args.positional[0] ?? args.keywords.get("input_shape");
  const sizes = openSizes(shape);
  if (shape !== undefined && sizes !== null) machine.journal.setVariable(self.attributes, "\0builtFor", shape);
  return none;
};

const nameOf = (value: Value): string | null => {
  const name = value.kind === "instance" ? value.attributes.get("name") : undefined;
  return name?.kind === "string" ? name.value : null;
};

const getLayer: Method = (machine, self, args, range) => {
  const hidden = hiddenLayer(machine, self, functionalEnds(self)?.inputs ?? [], range);
  if (hidden !== null) return hidden;
  const layers = machine.attribute(self, "layers", range);
  if (layers.kind !== "list") return layers;
  const name = args.keywords.get("name") ?? args.positional[0];
  const index = args.keywords.get("index") ?? args.positional[1];
  const found =
    name?.kind === "string"
      ? layers.elements.find((layer) => nameOf(layer) === name.value)
      : index?.kind === "int"
        ? layers.elements.at(index.value)
        : undefined;
  if (found !== undefined) return found;
  const reason = unknown("the model has no such layer", range);
  const inputs = functionalEnds(self)?.inputs ?? [];
  // Other versions of Keras gave the layers of its models other names.
  return inputs.length > 0 && name?.kind === "string" ? unfollowedLayer(machine, inputs, reason, range) : reason;
};

const nothingDone: Method = () => none;
const numbers: Method = (_machine, _self, _args, range) =>
  unknownPlain("the numbers that a model computes are unknown", range);

const methods: Readonly<Record<string, Method>> = {
  ...Object.fromEntries(
    (
      "compile summary save dispose save_weights load_weights set_weights add_loss add_metric reset_states " +
      "reset_metrics compile_from_config export"
    )
      .split(" ")
      .map((name) => [name, nothingDone]),
  ),
  ...Object.fromEntries(
    (
      "fit fitDataset trainOnBatch evaluateDataset fit_generator train_on_batch evaluate evaluate_generator " +
      "predict predict_on_batch predict_generator test_on_batch get_weights get_config count_params to_json " +
      "compute_output_shape train_step test_step"
    )
      .split(" ")
      .map((name) => [name, numbers]),
  ),
  add,
  pop,
  add_weight: addWeight,
  add_variable: addWeight,
  build: buildFor,
  get_layer: getLayer,
};

export const kerasMethods: ReadonlyMap<string, LibraryFunction> = new Map(
  Object.entries(methods).map(([name, apply]): [string, LibraryFunction] => [
    name,
    ({ machine, args, range }) => {
      const [self, ...positional] = args.positional;
      return self !== undefined && isModule(self)
        ? apply(machine, self, { ...args, positional }, range)
        : unknown(`${name}() is called on something that is not a model`, range);
    },
  ]),
);

/** Inputs or outputs as Keras gives them: one tensor, or a list of them. */
export function oneOrList(tensors: readonly SymbolicTensor[]): Value {
  const [only] = tensors;
  return tensors.length === 1 && only !== undefined ? only : list([...tensors]);
}
