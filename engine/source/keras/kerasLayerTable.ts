/** Every layer class whose shapes and weights are described here, and what its constructor does. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, Machine, ModuleConstructor } from "../interpreter/machine";
import { none, unknown } from "../interpreter/newValues";
import type { InstanceValue, UnknownValue, Value } from "../interpreter/values";
import { bindSignature, parseSignature, type SignatureParameter } from "../torch/signature";
import { automaticName, kerasState, nextSerial } from "./kerasState";
import { fromKeras1 } from "./keras1";
import { COMMON_ARGUMENTS, type KerasLayerSpec, type KerasLayerSpecs } from "./kerasLayerSpec";
import { convolutionLayers } from "./layers/kerasConvolution";
import { coreLayers } from "./layers/kerasCore";
import { mergingLayers } from "./layers/kerasMerging";
import { normalizationLayers } from "./layers/kerasNormalization";
import { poolingLayers } from "./layers/kerasPooling";
import { recurrentLayers } from "./layers/kerasRecurrent";

export const layerSpecs: KerasLayerSpecs = {
  ...coreLayers,
  ...convolutionLayers,
  ...poolingLayers,
  ...normalizationLayers,
  ...mergingLayers,
  ...recurrentLayers,
};

const common: readonly SignatureParameter[] = COMMON_ARGUMENTS.map((name) => ({
  name,
  defaultValue: none,
  keywordOnly: true,
}));

/** Arguments by the names they had in earlier versions. */
const RENAMED: Readonly<Record<string, string>> = { alpha: "negative_slope", keep_dims: "keepdims" };

/** Arguments by which a first layer says what its model is called with. */
const DECLARED = ["input_shape", "batch_input_shape", "batch_shape", "input_dim", "input_length"];

export function constructorOf(className: string, spec: KerasLayerSpec): ModuleConstructor {
  const own = parseSignature(spec.signature);
  const signature = [...own, ...common.filter(({ name }) => !own.some((parameter) => parameter.name === name))];
  return (machine, instance, given, range) => {
    const today = fromKeras1(className, given, range);
    const args = "kind" in today ? { ...given, taint: given.taint ?? today } : today;
    const keywords = new Map(
      [...args.keywords].map(
        ([name, value]) =>
          [own.some((parameter) => parameter.name === name) ? name : (RENAMED[name] ?? name), value] as const,
      ),
    );
    const bound = bindSignature(className, signature, { ...args, keywords }, range, "Keras");
    const failure = bound instanceof Map ? earlierMeaning(className, args, range) : bound;
    const values = bound instanceof Map ? bound : new Map<string, Value>();
    register(machine, instance, { className, spec, bound: values, failure, isOpen: args.isOpen === true });
    for (const { name } of own)
      machine.journal.setVariable(
        instance.attributes,
        name,
        values.get(name) ?? failure ?? unknown(`${className}.${name}`, range),
      );
    giveName(machine, instance, values.get("name") ?? none);
    for (const name of DECLARED)
      if (!own.some((parameter) => parameter.name === name) && values.get(name)?.kind !== "none")
        machine.journal.setVariable(instance.attributes, `\0${name}`, values.get(name) ?? none);
    machine.journal.setVariable(
      instance.attributes,
      "trainable",
      values.get("trainable")?.kind === "bool" ? (values.get("trainable") ?? none) : { kind: "bool", value: true },
    );
  };
}

/**
 * `Conv2D(32, 3, 3)` is a stride of 3 today and was a kernel of 3×3 until Keras 2.3, whose files are still around: that
 * version raised an error where one of the new keywords was beside it. And an activation that is a layer with weights
 * is a part of the layer it is given to.
 */
function earlierMeaning(
  className: string,
  { positional, keywords }: CallArguments,
  range: SourceRange,
): UnknownValue | null {
  const [, kernel, third] = positional;
  const isAmbiguous =
    /^(Separable)?Conv[23]D(Transpose)?$/.test(className) &&
    kernel?.kind === "int" &&
    third?.kind === "int" &&
    kernel.value === third.value &&
    third.value > 1 &&
    !keywords.has("padding") &&
    !keywords.has("data_format");
  if (isAmbiguous)
    return unknown(
      `the third argument of ${className} may be a stride, or the kernel's width as in Keras 1: write ` +
        "strides= or kernel_size=",
      range,
    );
  const activation = keywords.get("activation");
  const isPrelu =
    activation?.kind === "instance" &&
    activation.cls.kind === "library" &&
    activation.cls.path === "keras.layers.PReLU";
  return isPrelu ? unknown("NormLens does not count the weights of a PReLU that is an activation", range) : null;
}

/** Remembers what an instance is; a class of the user's that derives from a layer registers once. */
export function register(
  machine: Machine,
  instance: InstanceValue,
  layer: {
    className: string;
    spec: KerasLayerSpec | null;
    bound: ReadonlyMap<string, Value>;
    failure: ReturnType<typeof unknown> | null;
    isOpen?: boolean;
    functional?: boolean;
  },
): void {
  kerasState(machine).layers.set(instance, { functional: false, ...layer, serial: nextSerial(machine) });
}

/** `name=`, or the name Keras makes from the class. */
export function giveName(machine: Machine, instance: InstanceValue, given: Value): void {
  const className =
    instance.cls.kind === "class"
      ? instance.cls.name
      : (kerasState(machine).layers.get(instance)?.className ?? "layer");
  machine.journal.setVariable(
    instance.attributes,
    "name",
    given.kind === "none" ? automaticName(machine, className) : given,
  );
}

export const layerConstructors: ReadonlyMap<string, ModuleConstructor> = new Map(
  Object.entries(layerSpecs).map(([className, spec]) => [`keras.layers.${className}`, constructorOf(className, spec)]),
);
