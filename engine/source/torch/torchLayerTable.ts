import type { SourceRange } from "../../protocol/modelGraph";
import { isBuiltInPath } from "../builtIn/builtInFile";
import type { ModuleConstructor } from "../interpreter/machine";
import { none, tuple } from "../interpreter/newValues";
import type { InstanceValue, LayerDescription, ModuleState, UnknownValue, Value } from "../interpreter/values";
import { LayerArguments } from "./layerArguments";
import { activationLayers } from "./layers/torchActivation";
import { convolutionLayers } from "./layers/torchConvolution";
import { other, type LayerSpec, type LayerSpecs } from "./layers/torchLayerSpec";
import { linearLayers } from "./layers/torchLinear";
import { normalizationLayers } from "./layers/torchNormalization";
import { poolingLayers } from "./layers/torchPooling";
import { recurrentLayers } from "./layers/torchRecurrent";
import { transformerLayers } from "./layers/torchTransformer";
import { bindSignature, parseSignature } from "./signature";

const layerSpecs: LayerSpecs = {
  ...linearLayers,
  ...convolutionLayers,
  ...normalizationLayers,
  ...activationLayers,
  ...poolingLayers,
  ...recurrentLayers,
  ...transformerLayers,
};

/** The constructor of a layer class of torch.nn by its name, or null when the class is not in the table. */
export const layerConstructors: ReadonlyMap<string, ModuleConstructor> = new Map(
  Object.entries(layerSpecs).map(([className, spec]) => [className, constructorOf(className, spec)]),
);

function constructorOf(className: string, spec: LayerSpec): ModuleConstructor {
  const signature = parseSignature(spec.signature);
  return (machine, instance, args, range) => {
    const bound = spec.signature === "*" ? new Map<string, Value>() : bindSignature(className, signature, args, range);
    if (!(bound instanceof Map)) {
      become(instance, unknownLayer(className, range), bound);
      return;
    }
    for (const [name, value] of attributesOf(className, bound, instance))
      machine.journal.setVariable(instance.attributes, name, value);
    const layerArguments = new LayerArguments(className, bound, range);
    const built = spec.build(layerArguments, className);
    instance.module.unknowns.push(...layerArguments.problems);
    const assumed = [...layerArguments.assumed, ...(args.isOpen === true ? ["*"] : [])];
    instance.module.layer = {
      className: describedClass(instance) ?? className,
      op: built.op ?? other(className, null),
      parameters: built.parameters,
      outputs: built.outputs ?? 1,
      ...(assumed.length > 0 ? { assumed } : {}),
      ...(built.restIsTuple === true ? { restIsTuple: true } : {}),
      range,
    };
  };
}

/** A library's own layer over one of torch.nn (`InPlaceABN`) is called what the library calls it. */
const describedClass = ({ cls }: InstanceValue): string | null =>
  cls.kind === "class" && isBuiltInPath(cls.range.path) ? cls.name : null;

const PAIRED = new Set(["kernel_size", "stride", "padding", "dilation", "output_padding"]);

/** The attributes a layer has after its constructor: `bias` is the tensor or None, a convolution's sizes are tuples. */
function attributesOf(
  className: string,
  bound: ReadonlyMap<string, Value>,
  layer: InstanceValue,
): (readonly [string, Value])[] {
  const dims = /^Conv(?:Transpose)?([123])d$/.exec(className)?.[1];
  return [...bound].map(([name, value]) => {
    if (name === "bias")
      return [name, value.kind === "bool" && !value.value ? none : parameterOf(layer, name)] as const;
    const isSingle = dims !== undefined && PAIRED.has(name) && value.kind === "int";
    return [name, isSingle ? tuple(Array.from({ length: Number(dims) }, () => value)) : value] as const;
  });
}

const parameterOf = (layer: InstanceValue, name: string): Value => ({
  kind: "tensor",
  node: null,
  shape: null,
  isParameter: true,
  of: { layer, name },
});

function become(
  instance: InstanceValue & { readonly module: ModuleState },
  layer: LayerDescription,
  reason: UnknownValue,
): void {
  instance.module.unknowns.push(reason);
  instance.module.layer = layer;
}

function unknownLayer(className: string, range: SourceRange): LayerDescription {
  return { className, op: other(className, null), parameters: null, outputs: 1, range };
}
