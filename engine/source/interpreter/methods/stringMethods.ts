import { isUnknown } from "../aboutValues";
import { formatTemplate } from "../formatValue";
import { bool, int, list, none, string, tuple, unknownPlain } from "../newValues";
import { elementsOf } from "../truth";
import type { CallArguments } from "../machine";
import type { StringValue, Value } from "../values";
import type { Method, Methods } from "./methodCall";

type Argument = string | number | readonly string[];

/** Strings, whole numbers and tuples of strings; null for anything else. */
function plainArgument(value: Value): Argument | null {
  if (value.kind === "string" || value.kind === "int") return value.value;
  if (value.kind !== "tuple") return null;
  const texts = value.elements.map((element) => (element.kind === "string" ? element.value : null));
  return texts.includes(null) ? null : (texts as string[]);
}

/** The arguments in the order of `names`, which may also be given by name. */
function argumentsOf(args: CallArguments, names: readonly string[]): (Argument | undefined)[] | null {
  const isStrange = [...args.keywords.keys()].some((name) => !names.includes(name));
  if (args.taint !== null || isStrange || args.positional.length > Math.max(names.length, 3)) return null;
  const count = Math.max(names.length, args.positional.length);
  const given = Array.from(
    { length: count },
    (_, index) => args.positional[index] ?? args.keywords.get(names[index] ?? ""),
  );
  // None stands for an argument that is not given.
  const plain = given.map((value) => (value === undefined || value.kind === "none" ? undefined : plainArgument(value)));
  return plain.includes(null) ? null : (plain as (Argument | undefined)[]);
}

/** A method of known arguments; null from `apply` is what is not followed, or what Python raises an error for. */
function onText(
  apply: (text: string, args: readonly (Argument | undefined)[]) => Value | null,
  ...names: readonly string[]
): Method<StringValue> {
  return ({ receiver, args, range }) => {
    const given = argumentsOf(args, names);
    const result = given === null ? null : apply(receiver.value, given);
    return result ?? unknownPlain("this string is made from unknown values", range);
  };
}

const isAscii = (text: string): boolean => [...text].every((character) => character.charCodeAt(0) < 128);

/** A method without arguments, of texts in which letters have one form each. */
const ofAscii = (apply: (text: string) => Value): Method<StringValue> =>
  onText((text, args) => (args.length === 0 && isAscii(text) ? apply(text) : null));

function strip(text: string, characters: string | undefined, sides: "both" | "left" | "right"): string {
  const isStripped = (character: string): boolean =>
    characters === undefined ? /\s/.test(character) : characters.includes(character);
  let start = 0;
  let end = text.length;
  while (sides !== "right" && start < end && isStripped(text.charAt(start))) start++;
  while (sides !== "left" && end > start && isStripped(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

const stripping = (sides: "both" | "left" | "right"): Method<StringValue> =>
  onText((text, [characters]) => (isText(characters) ? string(strip(text, characters, sides)) : null), "chars");

const isText = (value: Argument | undefined): value is string | undefined =>
  value === undefined || typeof value === "string";
const isNumber = (value: Argument | undefined): value is number | undefined =>
  value === undefined || typeof value === "number";

/** Part of a text between bounds that count from the end where they are negative. */
function between(text: string, start: number | undefined, stop: number | undefined): { part: string; from: number } {
  const bound = (value: number): number => Math.min(text.length, value < 0 ? Math.max(0, value + text.length) : value);
  const from = bound(start ?? 0);
  return { part: text.slice(from, Math.max(from, bound(stop ?? text.length))), from };
}

function searching(last: boolean, raises: boolean): Method<StringValue> {
  return onText((text, [wanted, start, stop]) => {
    if (typeof wanted !== "string" || !isNumber(start) || !isNumber(stop)) return null;
    if ((start ?? 0) > text.length) return raises ? null : int(-1);
    const { part, from } = between(text, start, stop);
    const found = last ? part.lastIndexOf(wanted) : part.indexOf(wanted);
    if (found < 0) return raises ? null : int(-1);
    return int(found + from);
  });
}

function testing(test: (part: string, wanted: string) => boolean): Method<StringValue> {
  return onText((text, [wanted, start, stop]) => {
    if (wanted === undefined || typeof wanted === "number" || !isNumber(start) || !isNumber(stop)) return null;
    if ((start ?? 0) > text.length) return bool(false);
    const { part } = between(text, start, stop);
    return bool((typeof wanted === "string" ? [wanted] : wanted).some((candidate) => test(part, candidate)));
  });
}

/** `split` and `rsplit`; without a separator at runs of white space. */
function splitting(fromEnd: boolean): Method<StringValue> {
  return onText(
    (text, [separator, most]) => {
      if (!isText(separator) || !isNumber(most) || separator === "") return null;
      const parts = separator === undefined ? words(text, most, fromEnd) : pieces(text, separator, most, fromEnd);
      return list(parts.map(string));
    },
    "sep",
    "maxsplit",
  );
}

function pieces(text: string, separator: string, most = -1, fromEnd = false): string[] {
  const all = text.split(separator);
  if (most < 0 || all.length <= most + 1) return all;
  return fromEnd
    ? [all.slice(0, all.length - most).join(separator), ...all.slice(all.length - most)]
    : [...all.slice(0, most), all.slice(most).join(separator)];
}

function words(text: string, most = -1, fromEnd = false): string[] {
  const trimmed = strip(text, undefined, "both");
  if (trimmed === "") return [];
  const found = [...trimmed.matchAll(/\S+/g)];
  if (most < 0 || found.length <= most + 1) return found.map(([word]) => word);
  if (!fromEnd) {
    const rest = strip(text, undefined, "left").slice(found[most]?.index ?? 0);
    return [...found.slice(0, most).map(([word]) => word), rest];
  }
  const firstWord = found.length - most;
  const last = found[firstWord - 1];
  const lead = text.indexOf(trimmed);
  return [
    text.slice(0, lead + (last?.index ?? 0) + (last?.[0].length ?? 0)),
    ...found.slice(firstWord).map(([word]) => word),
  ];
}

function partition(fromEnd: boolean): Method<StringValue> {
  return onText((text, [separator]) => {
    if (typeof separator !== "string" || separator === "") return null;
    const at = fromEnd ? text.lastIndexOf(separator) : text.indexOf(separator);
    const missing = fromEnd ? ["", "", text] : [text, "", ""];
    return tuple((at < 0 ? missing : [text.slice(0, at), separator, text.slice(at + separator.length)]).map(string));
  }, "sep");
}

function aligning(side: "left" | "right"): Method<StringValue> {
  return onText((text, [width, fill]) => {
    if (typeof width !== "number" || width > 1000 || !isText(fill) || (fill ?? " ").length !== 1) return null;
    return string(side === "left" ? text.padEnd(width, fill) : text.padStart(width, fill));
  });
}

const title = (text: string): string =>
  text.replace(/[A-Za-z]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());

export const stringMethods: Methods<StringValue> = {
  lower: ofAscii((text) => string(text.toLowerCase())),
  casefold: ofAscii((text) => string(text.toLowerCase())),
  upper: ofAscii((text) => string(text.toUpperCase())),
  capitalize: ofAscii((text) => string(text.charAt(0).toUpperCase() + text.slice(1).toLowerCase())),
  swapcase: ofAscii((text) =>
    string(text.replace(/[A-Za-z]/g, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()))),
  ),
  title: ofAscii((text) => string(title(text))),
  strip: stripping("both"),
  lstrip: stripping("left"),
  rstrip: stripping("right"),
  startswith: testing((part, wanted) => part.startsWith(wanted)),
  endswith: testing((part, wanted) => part.endsWith(wanted)),
  removeprefix: onText((text, [prefix]) =>
    typeof prefix === "string" ? string(text.startsWith(prefix) ? text.slice(prefix.length) : text) : null,
  ),
  removesuffix: onText((text, [suffix]) =>
    typeof suffix === "string"
      ? string(suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text)
      : null,
  ),
  find: searching(false, false),
  rfind: searching(true, false),
  index: searching(false, true),
  rindex: searching(true, true),
  count: onText((text, [part, start, stop]) => {
    if (typeof part !== "string" || part === "" || !isNumber(start) || !isNumber(stop)) return null;
    return int(between(text, start, stop).part.split(part).length - 1);
  }),
  replace: onText((text, [from, to, count]) => {
    if (typeof from !== "string" || typeof to !== "string" || !isNumber(count) || (from === "" && (count ?? -1) >= 0))
      return null;
    if (from === "") return string(`${to}${[...text].map((character) => character + to).join("")}`);
    return string(pieces(text, from, count ?? -1).join(to));
  }),
  isdigit: ofAscii((text) => bool(/^\d+$/.test(text))),
  isnumeric: ofAscii((text) => bool(/^\d+$/.test(text))),
  isdecimal: ofAscii((text) => bool(/^\d+$/.test(text))),
  isalpha: ofAscii((text) => bool(/^[A-Za-z]+$/.test(text))),
  isalnum: ofAscii((text) => bool(/^[A-Za-z\d]+$/.test(text))),
  isidentifier: ofAscii((text) => bool(/^[A-Za-z_]\w*$/.test(text))),
  isspace: ofAscii((text) => bool(/^\s+$/.test(text))),
  isupper: ofAscii((text) => bool(/[A-Z]/.test(text) && !/[a-z]/.test(text))),
  islower: ofAscii((text) => bool(/[a-z]/.test(text) && !/[A-Z]/.test(text))),
  split: splitting(false),
  rsplit: splitting(true),
  splitlines: onText((text, args) =>
    args.length === 0 && /^[\t\n\r\x20-\x7e]*$/.test(text)
      ? list(
          text
            .replace(/(\r\n|\r|\n)$/, "")
            .split(text === "" ? /(?!)/ : /\r\n|\r|\n/)
            .filter(() => text !== "")
            .map(string),
        )
      : null,
  ),
  partition: partition(false),
  rpartition: partition(true),
  ljust: aligning("left"),
  rjust: aligning("right"),
  zfill: onText((text, [width]) => {
    if (typeof width !== "number" || width > 1000) return null;
    const sign = /^[+-]/.exec(text)?.[0] ?? "";
    return string(sign + text.slice(sign.length).padStart(width - sign.length, "0"));
  }),
  join: ({ receiver, args, range }) => {
    const elements = elementsOf(args.positional[0] ?? none, range);
    if (isUnknown(elements)) return elements;
    const texts = elements.map((element) => (element.kind === "string" ? element.value : null));
    return texts.includes(null)
      ? unknownPlain("this string is made from unknown values", range)
      : string(texts.join(receiver.value));
  },
  format: ({ receiver, args, range }) =>
    args.taint === null
      ? formatTemplate(receiver.value, args.positional, args.keywords, range)
      : { ...args.taint, isPlain: true },
};
