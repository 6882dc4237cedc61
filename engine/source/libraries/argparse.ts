/** Command line options with defaults, as training scripts define them: `args.width` is the default of `--width`. */
import { impliedDefault, isPositionalOption, type OptionDescription, optionName } from "../../python/commandLineOption";
import type { LibraryFunction } from "../interpreter/machine";
import {
  bool,
  dict,
  int,
  library,
  none,
  string,
  unknown,
  unknownPlain,
  unknownSetting,
} from "../interpreter/newValues";
import type { Value } from "../interpreter/values";

const PARSER_PATH = "argparse.ArgumentParser";

/** Options are kept as attributes of the parser, from where parse_args copies them. */
const argumentParser: LibraryFunction = ({ range }) => ({
  kind: "instance",
  cls: library(PARSER_PATH),
  attributes: new Map(),
  module: null,
  range,
});

const addArgument: LibraryFunction = ({ machine, args, range }) => {
  const [parser, ...names] = args.positional;
  if (parser?.kind !== "instance") return none;
  const option = described(names, args.keywords);
  const name = optionName(option);
  if (name === null) return none;
  machine.journal.setVariable(parser.attributes, name, defaultOf(option, args.keywords, range));
  return none;
};

function described(names: readonly Value[], keywords: ReadonlyMap<string, Value>): OptionDescription {
  const text = (key: string): string | null => {
    const value = keywords.get(key);
    return value?.kind === "string" ? value.value : null;
  };
  const flags = names.flatMap((name) => (name.kind === "string" ? [name.value] : []));
  return { flags, dest: text("dest"), action: text("action") };
}

type Range = Parameters<LibraryFunction>[0]["range"];

function defaultOf(option: OptionDescription, keywords: ReadonlyMap<string, Value>, range: Range): Value {
  const value = keywords.get("default");
  if (isPositionalOption(option) && value === undefined)
    return unknownSetting("this command-line argument has no default", range);
  if (keywords.get("required")?.kind === "bool") return unknownSetting("this command-line argument is required", range);
  if (value !== undefined) return converted(value, keywords.get("type"), range);
  if (option.action === "count") return int(0);
  const implied = impliedDefault(option);
  return implied === null ? none : bool(implied);
}

/** argparse converts a default that is a string; any other stays as it is. */
function converted(value: Value, type: Value | undefined, range: Range): Value {
  if (value.kind !== "string" || type === undefined || (type.kind === "library" && type.path === "builtins.str"))
    return value;
  if (type.kind === "library" && type.path === "builtins.int" && /^\d+$/.test(value.value))
    return int(Number(value.value));
  return unknown("NormLens does not follow how argparse converts this default", range);
}

const parseArgs: LibraryFunction = ({ args, range }) => {
  const [parser] = args.positional;
  if (parser?.kind !== "instance") return unknown("NormLens does not know the parser of these arguments", range);
  return {
    kind: "instance",
    cls: library("argparse.Namespace"),
    attributes: new Map(parser.attributes),
    module: null,
    range,
  };
};

const setDefaults: LibraryFunction = ({ machine, args }) => {
  const [parser] = args.positional;
  if (parser?.kind === "instance")
    for (const [name, value] of args.keywords) machine.journal.setVariable(parser.attributes, name, value);
  return none;
};

export const argparseFunctions: ReadonlyMap<string, LibraryFunction> = new Map([
  [PARSER_PATH, argumentParser],
  [`${PARSER_PATH}.add_argument`, addArgument],
  [`${PARSER_PATH}.parse_args`, parseArgs],
  [
    `${PARSER_PATH}.parse_known_args`,
    (call) => ({
      kind: "tuple",
      elements: [parseArgs(call), unknownPlain("the remaining command-line arguments are unknown", call.range)],
    }),
  ],
  [`${PARSER_PATH}.set_defaults`, setDefaults],
  [`${PARSER_PATH}.add_argument_group`, ({ args }) => args.positional[0] ?? none],
  [
    "argparse.Namespace",
    ({ args, range }) => ({
      kind: "instance",
      cls: library("argparse.Namespace"),
      attributes: new Map(args.keywords),
      module: null,
      range,
    }),
  ],
  [
    "builtins.vars",
    ({ args, range }) => {
      const [object] = args.positional;
      const isPlainObject = object?.kind === "instance" && object.module === null;
      return isPlainObject
        ? dict([...object.attributes].map(([name, value]) => [string(name), value] as const))
        : unknown("NormLens does not follow vars() of this object", range);
    },
  ],
]);
