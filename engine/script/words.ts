/** Names say what data is for: `val_loader`, `train=False`, `datasets["test"]`. */
import type { Args, TracedValue } from "./tracedValues";

const AFTER =
  "(loader|loaders|set|sets|data|dataset|datasets|dataloader|dl|ds|iter|iterator|gen|generator|queue|" +
  "batch|batches|images?|x|y|dir|path|files?|list|split|db|samples?)?";
const HELD_OUT = new RegExp(
  "^(val|valid|validation|vali|validate|test|testing|tests|eval|evaluation|dev|holdout|heldout|unseen|" +
    `query|gallery)${AFTER}$`,
);
const TRAINING = new RegExp(`^(train|training|trn|tr)${AFTER}$`);

export type Split = "train" | "held-out" | null;

/** The first word with a meaning decides: a loader's own name says more than the name of its data set. */
export function splitOf(words: Iterable<string>): Split {
  for (const word of words) {
    const tokens = tokensOf(word);
    if (tokens.some((token) => TRAINING.test(token))) return "train";
    if (tokens.some((token) => HELD_OUT.test(token))) return "held-out";
  }
  return null;
}

/** `valLoader/x_test` → val, loader, x, test. */
export function tokensOf(word: string): string[] {
  return word
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean);
}

const DEPTH = 5;

export function wordsOf(value: TracedValue, depth = DEPTH): string[] {
  if (depth === 0) return [];
  switch (value.kind) {
    case "constant":
      return typeof value.value === "string" && value.value.length < 200 ? [value.value] : [];
    case "unknown":
      return [...value.names, ...value.inputs.flatMap((input) => wordsOf(input, depth - 1))];
    case "tensor":
      return [...value.words];
    case "external":
      return [value.path.split(".").at(-1) ?? ""];
    case "union":
      return value.options.flatMap((option) => wordsOf(option, depth - 1));
    case "object":
      if (value.isModule) return [];
      if (value.type === "dict") return [...value.names];
      if (value.type === "list" || value.type === "tuple")
        return [
          ...value.names,
          ...[...value.fields.values()].slice(0, 4).flatMap((element) => wordsOf(element, depth - 1)),
        ];
      return [...value.names, ...argumentWords(value.args, depth - 1)];
    default:
      return [];
  }
}

/** `train=False` means held-out data, `is_train=True` training data. */
function argumentWords(args: Args, depth: number): string[] {
  const words = args.positional.flatMap((value) => wordsOf(value, depth));
  for (const [name, value] of args.keyword) {
    const isFlag = value.kind === "constant" && typeof value.value === "boolean";
    if (!isFlag) words.push(...wordsOf(value, depth));
    else if (/^(is_?)?(train|training|train_?mode)$/.test(name)) words.push(value.value === true ? "train" : "test");
    else if (/^(is_?)?(test|val|eval|validation|testing)$/.test(name))
      words.push(value.value === true ? "test" : "train");
  }
  return words;
}
