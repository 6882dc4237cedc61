import type { SourceRange } from "../protocol/modelGraph";
import type { ModuleNode } from "./statements";
import { changedPart } from "./changedPart";
import { type ParsedModule, parseModule } from "./grammar/parseModule";
import { LineMap } from "./lineMap";

export interface SyntaxErrorAt {
  readonly line: number;
  readonly column: number;
}

/** One Python file, parsed. Offsets refer to `text`, which is the file without its byte order mark. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: LineMap;
  readonly module: ModuleNode;
  readonly syntaxErrors: readonly SyntaxErrorAt[];
  /** For a file that is not the user's: the place in the user's file that everything in it is attributed to now. */
  readonly site?: { range: SourceRange };
  /** Where a word that is a keyword now is a name, as it was until Python 3.6: `y.cuda(async=True)`. */
  readonly oldNames?: readonly SyntaxErrorAt[];
}

/** A text with more is not Python, and what it would do is not worth the time. */
const MAX_SYNTAX_ERRORS = 100;

/**
 * Parses Python 3. Never throws: text that does not parse still gives a tree of what does, plus the errors.
 */
export function parsePython(path: string, source: string): SourceFile {
  if (source.length < LARGE_CHARACTERS) return parsePythonOnce(path, source);
  const known = large.get(path);
  if (known?.source === source) return known.file;
  const whole = known?.whole ?? null;
  const parsed = unlessTooDeep(
    () => parseText(path, source, whole),
    () => ({ file: unreadable(path, source), whole }),
  );
  remember(path, { source, ...parsed });
  return parsed.file;
}

/** The same, but null for a text with syntax errors, of which the first is enough. */
export function parsePythonIfValid(path: string, source: string): SourceFile | null {
  const known = source.length < LARGE_CHARACTERS ? undefined : large.get(path);
  if (known?.source === source) return known.file.syntaxErrors.length > 0 ? null : known.file;
  const parsed = unlessTooDeep(
    () => parseText(path, source, known?.whole ?? null, 1),
    () => null,
  );
  if (parsed === null || parsed.file.syntaxErrors.length > 0) return null;
  if (source.length >= LARGE_CHARACTERS) remember(path, { source, ...parsed });
  return parsed.file;
}

/** For text that only stands for a place in the file, like an expression after many line breaks: nothing is kept. */
export function parsePythonOnce(path: string, source: string): SourceFile {
  return unlessTooDeep(
    () => parseText(path, source, null).file,
    () => unreadable(path, source),
  );
}

interface ParsedText {
  readonly file: SourceFile;
  /** The last text in which there was no error, and what it was parsed to. */
  readonly whole: WholeText | null;
}

interface WholeText {
  readonly text: string;
  readonly parsed: ParsedModule;
}

/**
 * A file is parsed for its model and again for its findings, then again after each key, beside the files that it
 * imports: the last ones are kept. Expressions would only drive them out.
 */
const LARGE_CHARACTERS = 2_000;
const MAX_LARGE = 8;
const large = new Map<string, ParsedText & { readonly source: string }>();

function remember(path: string, parsed: ParsedText & { readonly source: string }): void {
  large.delete(path);
  large.set(path, parsed);
  for (const oldest of large.keys()) if (large.size > MAX_LARGE) large.delete(oldest);
}

/** What is nested so deep that it uses up the JavaScript stack is not read: nothing of such a file is known. */
export function unlessTooDeep<Parsed>(parseFile: () => Parsed, otherwise: () => Parsed): Parsed {
  try {
    return parseFile();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return otherwise();
  }
}

export function unreadable(path: string, text: string): SourceFile {
  return {
    path,
    text,
    lines: new LineMap(text),
    module: { body: [], comments: [] },
    syntaxErrors: [{ line: 1, column: 0 }],
  };
}

function parseText(path: string, source: string, before: WholeText | null, mostErrors = MAX_SYNTAX_ERRORS): ParsedText {
  const text = withoutMark(source);
  const lines = new LineMap(text);
  const parsed = before === null ? parseModule(text, 0, mostErrors) : parseAgain(text, before, mostErrors);
  const file: SourceFile = {
    path,
    text,
    lines,
    module: { body: parsed.parts.flatMap(({ statements }) => statements), comments: parsed.comments },
    syntaxErrors: firstOfEachLine(parsed.errors, lines),
    oldNames: firstOfEachLine(parsed.oldNames, lines),
  };
  return { file, whole: parsed.errors.length > 0 ? before : { text, parsed } };
}

/**
 * What stands before an edit keeps its statements, the same objects: others remember what they know of them. A
 * statement ends where the first token of the next one begins, so that one must be as it was (the longest keyword has
 * eight letters).
 */
function parseAgain(text: string, before: WholeText, mostErrors: number): ParsedModule {
  const { from: changed } = changedPart(before.text, text);
  const { parts, comments, oldNames } = before.parsed;
  const count = Math.max(
    0,
    parts.findLastIndex((part) => part.from + LONGEST_WORD < changed),
  );
  const resumed = parts[count];
  if (count === 0 || resumed === undefined) return parseModule(text, 0, mostErrors);
  const rest = parseModule(text, resumed.from, mostErrors);
  const isBefore = (offset: number): boolean => offset < resumed.from;
  return {
    parts: [...parts.slice(0, count), ...rest.parts],
    comments: [...comments.filter(({ from }) => isBefore(from)), ...rest.comments],
    errors: rest.errors,
    oldNames: [...oldNames.filter(isBefore), ...rest.oldNames],
  };
}

const LONGEST_WORD = "continue".length;

const withoutMark = (source: string): string => (source.startsWith("\uFEFF") ? source.slice(1) : source);

function firstOfEachLine(offsets: readonly number[], lines: LineMap): SyntaxErrorAt[] {
  const positions = offsets.map((offset) => lines.position(offset));
  return positions.filter(({ line }, index) => line !== positions[index - 1]?.line).slice(0, MAX_SYNTAX_ERRORS);
}
