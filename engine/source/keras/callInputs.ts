/** What a Keras layer or model is called with: the tensors among its arguments, and what is no tensor. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, Machine } from "../interpreter/machine";
import { unknown } from "../interpreter/newValues";
import type { InstanceValue, UnknownValue, Value } from "../interpreter/values";
import { flattened } from "./flattened";
import { kerasState } from "./kerasState";
import { tensorOfOpen } from "./openTensor";
import { isSymbolic } from "./recordCall";

/** Arguments that are no tensors to compute with. */
const NO_INPUT = new Set(["training", "mask", "attention_mask", "use_causal_mask", "return_attention_scores", "name"]);

/** All of them, out of lists, tuples and dicts. An argument that nobody gave is a tensor that fits the layer. */
export function inputsOf(machine: Machine, module: InstanceValue, args: CallArguments, range: SourceRange): Value[] {
  const given = [
    ...args.positional,
    ...[...args.keywords].filter(([name]) => !NO_INPUT.has(name)).map(([, value]) => value),
  ];
  return flattened(given).map((value) => (value.kind === "open" ? tensorOfOpen(machine, value, module, range) : value));
}

export function unknownInput(inputs: readonly Value[]): UnknownValue | undefined {
  const unknowns = inputs.filter((input): input is UnknownValue => input.kind === "unknown");
  return unknowns.find((input) => !input.isPlain) ?? unknowns[0];
}

/** Layers whose second argument is `training`. */
const TAKES_TRAINING = /^(BatchNormalization|\w*Dropout(\dD)?|GaussianNoise)$/;

/** `self.bn(x, training)` is `self.bn(x, training=training)`. */
export function withTraining(machine: Machine, module: InstanceValue, args: CallArguments): CallArguments {
  const [input, training] = args.positional;
  const layer = kerasState(machine).layers.get(module);
  const takesTraining = layer?.spec != null && TAKES_TRAINING.test(layer.className);
  if (input === undefined || training === undefined || !takesTraining) return args;
  return { ...args, positional: [input], keywords: new Map([...args.keywords, ["training", training]]) };
}

const SETTING_KINDS: ReadonlySet<Value["kind"]> = new Set(["none", "bool", "int", "float", "string"]);

/** Something among the inputs whose size is not known, such as an array. */
export function constantInput(
  inputs: readonly Value[],
  { cls }: InstanceValue,
  range: SourceRange,
): UnknownValue | undefined {
  const isMerged = inputs.some((input) => !isSymbolic(input) && !SETTING_KINDS.has(input.kind));
  const name = cls.kind === "class" ? cls.name : cls.path.split(".").at(-1);
  return isMerged
    ? unknown(`an input of this ${name ?? "layer"} is not a Keras tensor, so its size is unknown`, range)
    : undefined;
}
