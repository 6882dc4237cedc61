/** Attributes that Keras computes: `model.layers`, `base.output`, `x.shape`. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { LibraryFunction, Machine } from "../interpreter/machine";
import { batchSize, int, list, none, tuple, unknownPlain } from "../interpreter/newValues";
import type { InstanceValue, OpenShape, Value } from "../interpreter/values";
import { callSequential, isKeras } from "./callKeras";
import { functionalEnds, isAssumedShape, oneOrList, openSizes } from "./models";
import { hiddenLayers } from "./hiddenLayers";
import { fittedSizes, isSymbolic, newInput, type SymbolicTensor } from "./recordCall";
import { layersOf } from "./structure";

/** null for attributes that Keras does not compute. */
export function kerasAttribute(
  machine: Machine,
  module: InstanceValue,
  name: string,
  range: SourceRange,
): Value | null {
  if (!isKeras(module) || module.attributes.has(name)) return null;
  switch (name) {
    case "layers":
      return module.module.unknowns[0] ?? knownLayers(machine, module, range);
    case "input":
    case "inputs":
    case "output":
    case "outputs":
      return end(machine, module, name, range);
    case "weights":
    case "trainable_weights":
    case "trainable_variables":
    case "non_trainable_weights":
    case "variables":
    case "losses":
    case "metrics":
    case "optimizer":
    case "dtype":
    case "history":
    case "compute_dtype":
      return unknownPlain(`NormLens does not follow ${name} of a model`, range);
    case "built":
      return { kind: "bool", value: false };
    case "input_shape":
    case "output_shape": {
      const tensor = end(machine, module, name.replace("_shape", ""), range);
      return isSymbolic(tensor ?? undefined) ? batched((tensor as SymbolicTensor).keras.sizes, none, range) : null;
    }
    default:
      return null;
  }
}

function knownLayers(machine: Machine, module: InstanceValue, range: SourceRange): Value {
  const layers = layersOf(machine, module);
  return hiddenLayers(layers, range) ?? list(layers);
}

function end(machine: Machine, module: InstanceValue, name: string, range: SourceRange): Value | null {
  const ends = functionalEnds(module) ?? sequentialEnds(machine, module, range);
  if (ends === null) return null;
  const tensors = name.startsWith("input") ? ends.inputs : ends.outputs;
  return name.endsWith("s") ? list([...tensors]) : oneOrList(tensors);
}

interface Ends {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

/** A Sequential whose input is known is a functional model too; its layers are called once for that. */
function sequentialEnds(machine: Machine, module: InstanceValue, range: SourceRange): Ends | null {
  if (!isKeras(module) || module.module.container !== "sequential") return null;
  const known = module.attributes.get("\0ends");
  if (known?.kind === "tuple") {
    const [input, output] = known.elements;
    return isSymbolic(input) && isSymbolic(output) ? { inputs: [input], outputs: [output] } : null;
  }
  const sizes = declaredInput(module);
  if (sizes === null) return null;
  const input = newInput(machine, sizes, none, range);
  const output = callSequential(machine, module, [input], range);
  if (!isSymbolic(output)) return null;
  machine.journal.setVariable(module.attributes, "\0ends", tuple([input, output]));
  return { inputs: [input], outputs: [output] };
}

/**
 * The input sizes that a model or its first layer declares (`Input`, `input_shape=`, `input_dim=`); null when none are.
 */
export function declaredInput(module: InstanceValue): OpenShape | null {
  const ends = functionalEnds(module);
  if (ends !== null) return ends.inputs[0]?.keras.sizes ?? null;
  const builtFor = openSizes(module.attributes.get("\0builtFor"));
  if (builtFor !== null) return builtFor.slice(1);
  if (module.module?.container !== "sequential") return declaredByLayer(module);
  const [first] = module.module.children.values();
  if (isSymbolic(first)) return first.keras.sizes;
  const wrapped = first?.kind === "instance" ? first.attributes.get("\0input") : undefined;
  if (isSymbolic(wrapped)) return wrapped.keras.sizes;
  return first?.kind === "instance" ? declaredInput(first) : null;
}

function declaredByLayer(layer: InstanceValue): OpenShape | null {
  const argument = (name: string): OpenShape | null => openSizes(layer.attributes.get(`\0${name}`));
  const shape = argument("input_shape");
  const isLikely = shape !== null && isAssumedShape(layer.attributes.get("\0input_shape"));
  return (
    (isLikely ? fittedSizes(shape, layer) : shape) ??
    argument("batch_input_shape")?.slice(1) ??
    argument("batch_shape")?.slice(1) ??
    argument("input_dim") ??
    (layer.cls.kind === "library" && layer.cls.path === "keras.layers.Embedding"
      ? (argument("input_length") ?? [null])
      : null)
  );
}

/** `(batch, 28, 28, 1)`. */
function batched(sizes: OpenShape | null, first: Value, range: SourceRange): Value {
  if (sizes === null) return unknownPlain("the shape of this tensor is unknown", range);
  return tuple([first, ...sizes.map((size): Value => (size === null ? none : int(size)))]);
}

/** Attributes of a tensor of the functional API; null for those that are not known. */
export function symbolicAttribute(tensor: SymbolicTensor, name: string, range: SourceRange): Value | null {
  switch (name) {
    case "shape":
    case "_keras_shape":
    case "_shape_val":
      return batched(tensor.keras.sizes, none, range);
    case "ndim":
      return tensor.keras.sizes === null
        ? unknownPlain("the number of axes of this tensor is unknown", range)
        : int(tensor.keras.sizes.length + 1);
    case "dtype":
    case "name":
      return unknownPlain(`NormLens does not follow the ${name} of a tensor`, range);
    default:
      return null;
  }
}

/** `tf.shape(x)`: with the batch size, which is not known before a run. */
export const shapeFunction: LibraryFunction = ({ args, range }) => {
  const [tensor] = args.positional;
  return isSymbolic(tensor)
    ? batched(tensor.keras.sizes, batchSize, range)
    : unknownPlain("the shape of this tensor is unknown", range);
};

/** `K.int_shape(x)`: None for the batch. */
export const intShape: LibraryFunction = ({ args, range }) => {
  const [tensor] = args.positional;
  return isSymbolic(tensor)
    ? batched(tensor.keras.sizes, none, range)
    : unknownPlain("the shape of this tensor is unknown", range);
};
