/** Hugging Face Transformers: the base classes of its models and their configurations. */
import type { LibraryFunction, ModuleConstructor } from "../interpreter/machine";
import { bool, dict, int, library, none, string } from "../interpreter/newValues";
import type { Value } from "../interpreter/values";
import { initializeModule } from "../torch/moduleState";

/** Settings that every configuration has (transformers/configuration_utils.py). */
const DEFAULTS: readonly (readonly [string, Value])[] = [
  ["num_labels", int(2)],
  ["return_dict", bool(true)],
  ["use_return_dict", bool(true)],
  ["output_hidden_states", bool(false)],
  ["output_attentions", bool(false)],
  ["torchscript", bool(false)],
  ["is_decoder", bool(false)],
  ["is_encoder_decoder", bool(false)],
  ["add_cross_attention", bool(false)],
  ["tie_word_embeddings", bool(true)],
  ["chunk_size_feed_forward", int(0)],
  ["pruned_heads", dict()],
  ["problem_type", none],
  ["pad_token_id", none],
  ["bos_token_id", none],
  ["eos_token_id", none],
  ["name_or_path", string("")],
];

/** Keeps the settings it is given, and has the others. */
const configure: LibraryFunction = ({ machine, args, range }) => {
  const [self] = args.positional;
  if (self === undefined) return none;
  for (const [name, value] of DEFAULTS) machine.setAttribute(self, name, value, range);
  for (const [name, value] of args.keywords) machine.setAttribute(self, name, value, range);
  if (args.taint !== null) machine.report(args.taint);
  return none;
};

const CONFIGS = [
  "transformers.PretrainedConfig",
  "transformers.PreTrainedConfig",
  "transformers.configuration_utils.PretrainedConfig",
  "transformers.configuration_utils.PreTrainedConfig",
];

export const transformersFunctions: ReadonlyMap<string, LibraryFunction> = new Map(
  CONFIGS.map((path) => [`${path}.__init__`, configure]),
);

/** An nn.Module that remembers its configuration. */
const initializeModel: ModuleConstructor = (machine, instance, args, range) => {
  initializeModule(machine, instance, args, range);
  machine.setAttribute(instance, "config", args.positional[0] ?? args.keywords.get("config") ?? none, range);
};

export const transformersModels: readonly (readonly [string, ModuleConstructor])[] = [
  ["transformers.PreTrainedModel", initializeModel],
  ["transformers.modeling_utils.PreTrainedModel", initializeModel],
];

/** `BaseModelOutput(last_hidden_state=x)`: an object with what it is given. */
export function transformersOutput(path: string): LibraryFunction | null {
  if (!/^transformers\.(modeling_outputs|utils|file_utils)\.\w*Output\w*$/.test(path)) return null;
  return ({ args, range }) =>
    args.taint ?? { kind: "instance", cls: library(path), attributes: new Map(args.keywords), module: null, range };
}
