import type { Shape } from "../../protocol/shape";
import type { Directive, NormChoice, Setting } from "../../graph/directive";
import type { Span } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { Annotation, AnnotationIssue, ModelDirective, ParsedAnnotations } from "./annotation";
import { nearestWord } from "./nearestWord";
import { CONTRACTS, NORMS, SETTINGS, WORDS } from "./vocabulary";

/**
 * `# normlens:` at the start of a comment or after another one, and what follows it up to a further `#`. In quotes it
 * is prose about annotations.
 */
const ANNOTATION = /(?<!\S)#\s*normlens\s*:([^#]*)/gi;

interface Token extends Span {
  readonly text: string;
}

/** Either what a piece of the comment means, or what is wrong with it and where. */
type Parsed = readonly (Directive | ModelDirective)[] | Mistake;

interface Mistake {
  readonly message: string;
  readonly at: Span;
  readonly replacement: string | null;
}

/** Reads all annotations of a file. Several directives in one comment are separated by semicolons. */
export function parseAnnotations(file: SourceFile): ParsedAnnotations {
  const annotations: Annotation[] = [];
  const issues: AnnotationIssue[] = [];
  for (const comment of file.module.comments) {
    for (const match of comment.text.matchAll(ANNOTATION)) {
      const body = match[1] ?? "";
      const from = comment.from + match.index + match[0].length - body.length;
      for (const piece of piecesOf(body, from)) {
        const range = file.lines.range(file.path, piece);
        const parsed = parsePiece(piece);
        if ("message" in parsed) {
          issues.push({
            message: parsed.message,
            range: file.lines.range(file.path, parsed.at),
            replacement: parsed.replacement,
          });
        } else annotations.push(...parsed.map((directive) => ({ directive, line: range.startLine, range })));
      }
    }
  }
  return { annotations, issues };
}

function piecesOf(body: string, offset: number): Token[] {
  const pieces: Token[] = [];
  for (const match of body.matchAll(/[^;]+/g)) {
    const text = match[0].trim();
    const from = offset + match.index + match[0].indexOf(text);
    if (text !== "") pieces.push({ text, from, to: from + text.length });
  }
  return pieces.length > 0 ? pieces : [{ text: "", from: offset, to: offset + body.length }];
}

function tokensOf(piece: Token): Token[] {
  return [...piece.text.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    from: piece.from + match.index,
    to: piece.from + match.index + match[0].length,
  }));
}

function parsePiece(piece: Token): Parsed {
  const [first, ...rest] = tokensOf(piece);
  if (first === undefined) return { message: `Use one of: ${WORDS.join(", ")}.`, at: piece, replacement: null };
  switch (first.text) {
    case "add":
      return parseAdd(first, rest);
    case "remove":
      return rest[0] === undefined ? [{ kind: "remove" }] : unexpected(rest[0]);
    case "use":
      return parseUse(first, rest);
    case "set":
      return parseSet(first, rest);
    case "model":
      return parseModel(piece, first);
    default:
      return parseContracts([first, ...rest]);
  }
}

function unexpected(token: Token): Mistake {
  return { message: `Unexpected "${token.text}".`, at: token, replacement: null };
}

/** A word that is not known, with the nearest one that is. */
function unknownWord(token: Token, name: string, candidates: readonly string[]): Mistake {
  const nearest = nearestWord(name, candidates);
  const hint = nearest === null ? `Use one of: ${candidates.join(", ")}.` : `Did you mean "${nearest}"?`;
  const at = { from: token.from, to: token.from + name.length };
  return { message: `Unknown word "${name}". ${hint}`, at, replacement: nearest };
}

function parseAdd(word: Token, [norm, position, extra]: readonly Token[]): Parsed {
  if (norm === undefined)
    return { message: "Write add bn, or add bn after-activation.", at: word, replacement: "add bn" };
  if (norm.text !== "bn") return unknownWord(norm, norm.text, ["bn"]);
  if (position === undefined) return [{ kind: "add", position: "after-layer" }];
  if (position.text !== "after-activation") return unknownWord(position, position.text, ["after-activation"]);
  return extra === undefined ? [{ kind: "add", position: "after-activation" }] : unexpected(extra);
}

function parseUse(word: Token, [norm, extra]: readonly Token[]): Parsed {
  if (norm === undefined) return { message: `Use one of: ${NORMS.join(", ")}.`, at: word, replacement: null };
  if (extra !== undefined) return unexpected(extra);
  const match = /^([\w-]+)(?:\((\d+)\))?$/.exec(norm.text);
  const name = match?.[1] ?? norm.text;
  const choice = NORMS.find((known) => known === name);
  if (choice === undefined) return unknownWord(norm, name, NORMS);
  const number = match?.[2] === undefined ? null : Number(match[2]);
  const parsed = normChoice(choice, number);
  if (parsed === null) return unexpected(norm);
  return "missing" in parsed
    ? { message: parsed.missing, at: norm, replacement: parsed.example }
    : [{ kind: "use", norm: parsed }];
}

/** With the number in brackets after the word; null where the word takes none. */
function normChoice(
  name: NormChoice["name"],
  number: number | null,
): NormChoice | { readonly missing: string; readonly example: string } | null {
  switch (name) {
    case "group":
      return number !== null && number > 0
        ? { name, groups: number }
        : { missing: "Give the number of groups: group(8).", example: "group(8)" };
    case "ghost":
      return number !== null && number > 0
        ? { name, samples: number }
        : { missing: "Give the number of samples of a virtual batch: ghost(32).", example: "ghost(32)" };
    case "renorm":
      return number === null ? { name } : { name, plainUpdates: number };
    default:
      return number === null ? { name } : null;
  }
}

function parseSet(word: Token, tokens: readonly Token[]): Parsed {
  const settings: Setting[] = [];
  for (const token of tokens) {
    const [name = "", value = ""] = token.text.split("=");
    const setting = SETTINGS.find((known) => known === name);
    if (setting === undefined) return unknownWord(token, name, SETTINGS);
    const number = /^\d*\.?\d*(e[+-]?\d+)?$/i.test(value) && /\d/.test(value) ? Number(value) : NaN;
    if (!Number.isFinite(number))
      return { message: `${setting} needs a number: ${setting}=0.01.`, at: token, replacement: null };
    const isValid = setting === "eps" ? number >= 0 : number >= 0 && number <= 1;
    if (!isValid) return { message: `${setting} must be between 0 and 1.`, at: token, replacement: null };
    settings.push({ name: setting, value: number });
  }
  return settings.length > 0
    ? [{ kind: "set", settings }]
    : { message: "Write momentum=… or eps=…", at: word, replacement: null };
}

/** Contracts stand side by side: `frozen min-batch=16`, also with commas. */
function parseContracts(tokens: readonly Token[]): Parsed {
  const directives: Directive[] = [];
  for (const token of tokens) {
    const [name = "", value] = token.text.replace(/,$/, "").split("=");
    if (name === "frozen" && value === undefined) directives.push({ kind: "frozen" });
    else if (name === "min-batch") {
      const samples = Number(value);
      if (!Number.isInteger(samples) || samples < 1)
        return { message: "min-batch needs a whole number: min-batch=16.", at: token, replacement: null };
      directives.push({ kind: "minBatch", samples });
    } else if (name === "domain") {
      if (value === undefined || value === "")
        return { message: "domain needs a name: domain=source.", at: token, replacement: null };
      directives.push({ kind: "domain", name: value });
    } else return unknownWord(token, name, directives.length === 0 ? WORDS : CONTRACTS);
  }
  return directives;
}

/** The expression ends where `input=` or `data=` follows outside its brackets. */
function parseModel(piece: Token, word: Token): Parsed {
  const start = word.to - piece.from;
  const { expression, options } = splitModel(piece, start);
  if (expression === "")
    return { message: "Name the model: model ResNet18(num_classes=10) input=3x32x32.", at: word, replacement: null };
  let inputs: readonly Shape[] = [];
  let data: string | null = null;
  for (const option of options) {
    const [name = "", value = ""] = option.text.split("=");
    if (name === "input") {
      const shapes = parseShapes(value);
      if (shapes === null)
        return {
          message: "input needs sizes without the batch: input=3x32x32, or input=3x32x32,10 for two inputs.",
          at: option,
          replacement: null,
        };
      inputs = shapes;
    } else if (name === "data" && value !== "") data = value;
    else return unknownWord(option, name, ["input", "data"]);
  }
  return [{ kind: "model", expression, inputs, data }];
}

function splitModel(piece: Token, start: number): { expression: string; options: Token[] } {
  let depth = 0;
  for (let index = start; index < piece.text.length; index++) {
    const character = piece.text.charAt(index);
    if ("([{".includes(character)) depth++;
    if (")]}".includes(character)) depth--;
    const isOption = depth === 0 && /\s/.test(character) && /^\s+[\w-]+=/.test(piece.text.slice(index));
    if (!isOption) continue;
    const rest = { text: piece.text.slice(index), from: piece.from + index, to: piece.to };
    return { expression: piece.text.slice(start, index).trim(), options: tokensOf(rest) };
  }
  return { expression: piece.text.slice(start).trim(), options: [] };
}

/** The shapes of several inputs, `3x32x32,10`; null when one of them is no shape. */
export function parseShapes(text: string): readonly Shape[] | null {
  const shapes = text.split(",").map(parseShape);
  return shapes.includes(null) ? null : (shapes as Shape[]);
}

/** `3x32x32` or `3×32×32`; null when it is no shape. */
function parseShape(text: string): Shape | null {
  const sizes = text.split(/[x×]/).map((part) => (/^[1-9]\d{0,6}$/.test(part) ? Number(part) : NaN));
  return sizes.some(Number.isNaN) ? null : sizes;
}
