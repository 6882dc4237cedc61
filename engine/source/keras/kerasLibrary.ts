/** What the names of Keras and TensorFlow mean to the interpreter. */
import type { LibraryFunction, ModuleConstructor } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import { bool, none, string, unknown, unknownPlain } from "../interpreter/newValues";
import { datasetFunctions } from "./datasets";
import { imagenetFunctions } from "./applications";
import { hiddenModel, isHiddenModel } from "./hiddenModels";
import { intShape, shapeFunction } from "./kerasAttributes";
import { callKeras } from "./callKeras";
import { flattened } from "./flattened";
import { merge } from "./keras1";
import { imageDataFormat, kerasState } from "./kerasState";
import { layerConstructors } from "./kerasLayerTable";
import { input, kerasMethods, modelConstructors, oneOrList } from "./models";
import { inputsOf } from "./openTensor";
import { operationFunction } from "./operations";
import { isSymbolic } from "./recordCall";
import { unfollowedTensor } from "./unfollowed";

/** `keras.layers.add([a, b])` makes the layer and calls it. */
export const MERGES: Readonly<Record<string, string>> = {
  add: "Add",
  subtract: "Subtract",
  multiply: "Multiply",
  average: "Average",
  maximum: "Maximum",
  minimum: "Minimum",
  concatenate: "Concatenate",
  dot: "Dot",
};

function merging(className: string): LibraryFunction {
  return ({ machine, args, range }) => {
    const inputs = args.positional[0] ?? args.keywords.get("inputs") ?? none;
    const rest = {
      ...args,
      positional: args.positional.slice(1),
      keywords: new Map([...args.keywords].filter(([name]) => name !== "inputs")),
    };
    const layer = machine.call({ kind: "library", path: `keras.layers.${className}` }, rest, range);
    return machine.call(layer, { positional: [inputs], keywords: new Map(), taint: null }, range);
  };
}

const setDataFormat: LibraryFunction = ({ machine, args, range }) => {
  const value =
    args.positional[0] ??
    args.keywords.get("data_format") ??
    args.keywords.get("dim_ordering") ??
    unknown("this data format is unknown", range);
  const ordering =
    value.kind === "string" && (value.value === "th" || value.value === "tf")
      ? string(value.value === "th" ? "channels_first" : "channels_last")
      : value;
  machine.journal.setVariable(kerasState(machine).settings, "image_data_format", ordering);
  return none;
};

/** `bn_axis = 3 if K.image_dim_ordering() == "tf" else 1`, as Keras 1 spelt it. */
const dimOrdering: LibraryFunction = ({ machine }) => {
  const format = imageDataFormat(machine);
  return format.kind === "string" ? string(format.value === "channels_first" ? "th" : "tf") : format;
};

const first: LibraryFunction = ({ args, range }) =>
  args.positional[0] ?? args.keywords.get("model") ?? unknown("an argument is missing", range);

/** `training = tf.logical_and(training, self.trainable)`: how a class freezes its statistics with its weights. */
const logicalAnd: LibraryFunction = ({ args, range }) => {
  const flags = args.positional.map((value) => (value.kind === "bool" ? value.value : null));
  if (flags.includes(false)) return bool(false);
  return flags.includes(null)
    ? unknownPlain("NormLens does not follow what tensorflow.logical_and computes", range)
    : bool(true);
};

/** The inputs that a tensor comes from: one, or a list of them. */
const sourceInputs: LibraryFunction = ({ args, range }) => {
  const tensors = flattened(args.positional.slice(0, 1)).filter(isSymbolic);
  return tensors.length === 0
    ? unknownPlain("the inputs of this tensor are unknown", range)
    : oneOrList(inputsOf(tensors));
};

/** A weight that a class of the user's makes without add_weight. */
const variable: LibraryFunction = ({ range }) => unknown("NormLens does not follow the size of a variable", range);

/** What a class says of its inputs changes nothing about what it computes. */
const inputSpec: LibraryFunction = ({ range }) => unknownPlain("NormLens does not follow an InputSpec", range);

const functions: ReadonlyMap<string, LibraryFunction> = new Map<string, LibraryFunction>([
  ["keras.Input", input],
  ["tensorflow.keras.Input", input],
  ...Object.entries(MERGES).map(([name, className]) => [`keras.layers.${name}`, merging(className)] as const),
  ["keras.layers.merge", merge],
  ["tensorflow.logical_and", logicalAnd],
  ["tensorflow.math.logical_and", logicalAnd],
  ["keras.ops.logical_and", logicalAnd],
  ["keras.utils.get_source_inputs", sourceInputs],
  ["keras.utils.layer_utils.get_source_inputs", sourceInputs],
  ["keras.engine.get_source_inputs", sourceInputs],
  ["keras.backend.image_data_format", ({ machine }) => imageDataFormat(machine)],
  ["keras.config.image_data_format", ({ machine }) => imageDataFormat(machine)],
  ["keras.backend.image_dim_ordering", dimOrdering],
  ["keras.backend.set_image_data_format", setDataFormat],
  ["keras.config.set_image_data_format", setDataFormat],
  ["keras.backend.set_image_dim_ordering", setDataFormat],
  ["keras.backend.int_shape", intShape],
  ["keras.backend.shape", shapeFunction],
  ["keras.ops.shape", shapeFunction],
  ["tensorflow.shape", shapeFunction],
  ["keras.backend.is_keras_tensor", ({ args }) => bool(isSymbolic(args.positional[0]))],
  ["keras.backend.backend", () => string("tensorflow")],
  ["keras.utils.multi_gpu_model", first],
  ["keras.InputSpec", inputSpec],
  ["keras.layers.InputSpec", inputSpec],
  ["tensorflow.Variable", variable],
  ["keras.Variable", variable],
  ["keras.backend.variable", variable],
  ...imagenetFunctions,
  ...datasetFunctions,
]);

/** Modules of Keras and TensorFlow whose functions make no layer and change no model. */
const PLAIN = new RegExp(
  "^(?:keras\\.(?:optimizers|losses|metrics|callbacks|initializers|regularizers|constraints|utils|" +
    "datasets|preprocessing|backend|ops|activations|saving|mixed_precision|random|distribution|" +
    "config|tree|wrappers|objectives|dtype_policies)|tensorflow)\\.(?!.*\\blayers\\b)",
);

const lastName = (path: string): string => path.split(".").at(-1) ?? path;

/** They compute numbers, unless they are given a Keras tensor: then they make another. */
const unfollowed: LibraryFunction = ({ machine, args, path, range }) => {
  const inputs = flattened([...args.positional, ...args.keywords.values()]);
  const cause = args.taint ?? inputs.find((value) => value.kind === "unknown" && !value.isPlain);
  const tensors = inputs.filter(isSymbolic);
  if (tensors.length > 0) {
    const reason = cause?.kind === "unknown" ? cause : unknown(`NormLens does not follow ${path}`, range);
    return unfollowedTensor(machine, lastName(path), tensors, reason, range);
  }
  if (cause?.kind !== "unknown") return unknownPlain(`NormLens does not follow ${path}`, range);
  machine.report(cause);
  return cause;
};

/** `super().call(x)` where the next class is a layer of Keras's. */
const call: LibraryFunction = ({ machine, args, range }) => {
  const [self, ...positional] = args.positional;
  if (self === undefined || !isModule(self) || self.cls.kind !== "class")
    return unknown("something that is not a layer is called as one", range);
  return callKeras(machine, self, { ...args, positional }, range, null);
};

/** TensorFlow.js: `layer.apply(x)` is Keras's `layer(x)`. */
const apply: LibraryFunction = ({ machine, args, range }) => {
  const [self, ...positional] = args.positional;
  return self !== undefined && isModule(self)
    ? callKeras(machine, self, { ...args, positional }, range)
    : unknown("something that is not a layer is called as one", range);
};

const METHOD = /^keras\.(?:Model|Sequential|layers\.[A-Z]\w*)\.(\w+)$/;

export function kerasFunction(path: string): LibraryFunction | null {
  if (!/^(keras|tensorflow|numpy)\./.test(path)) return null;
  const method = METHOD.exec(path)?.[1];
  if (method !== undefined)
    return method === "call" ? call : method === "apply" ? apply : (kerasMethods.get(method) ?? null);
  return functions.get(path) ?? operationFunction(path);
}

/**
 * Everything else in modules that make no layers. Not every name of theirs is known, so star imports do not ask here.
 */
export function plainKerasFunction(path: string): LibraryFunction | null {
  return isHiddenModel(path) ? hiddenModel : PLAIN.test(path) ? unfollowed : null;
}

export function kerasConstructor(path: string): ModuleConstructor | null {
  return path.startsWith("keras.") ? (modelConstructors.get(path) ?? layerConstructors.get(path) ?? null) : null;
}
