/** Findings of a whole file: of every model in it that can be built without arguments, and of the script it is. */
import { type LineWords, capitalized, describeProblem, plainLineWords } from "../protocol/problems";
import { parsePython, type SourceFile } from "../python/parse";
import { readModelFile, type ModelReading, type ReadModelInput } from "../source/readModel";
import { textProblem } from "../python/textLimits";
import { rangeKey } from "./context";
import { asAsked, modelFindings } from "./findingsFromReading";
import { scriptFindings } from "./script/scriptFindings";
import type { FindingOptions, SourceFinding } from "./sourceFinding";

export interface LintedSource {
  /** Why the file, or every model in it, could not be read; such a file is never counted as clean. */
  readonly unread: string | null;
  /** What else there is to know about how the file was read. */
  readonly note: string | null;
  readonly findings: readonly SourceFinding[];
}

export interface LintOptions extends FindingOptions {
  /** How a model is read, for callers that can also find the files it imports. */
  readonly read?: (input: ReadModelInput) => ModelReading;
  readonly lineWords?: LineWords;
}

/** More models than this in one file are variations of the same blocks, and the time grows with their square. */
const MOST_MODELS = 40;

export function lintSource(path: string, text: string, options: LintOptions = {}): LintedSource {
  const { lineWords = plainLineWords } = options;
  const problem = textProblem(path, text);
  if (problem !== null) return { unread: describeProblem(problem).sentence, note: null, findings: [] };
  const file = parsePython(path, text);
  const [error] = file.syntaxErrors;
  if (error !== undefined)
    return { unread: `${capitalized(lineWords(error.line))} can't be parsed as Python 3.`, note: null, findings: [] };
  const readings = readAllModels(file, text, options.read ?? readModelFile);
  const findings = [...mergedFindings(readings, file), ...scriptFindings(file, options.resolveModule ?? null)];
  return {
    unread: whyUnread(readings, lineWords),
    note: oldSyntaxNote(file, lineWords),
    findings: asAsked(findings, file, options),
  };
}

/** A file of an older Python is read: what it does with layers is the same. */
function oldSyntaxNote({ oldNames = [] }: SourceFile, lineWords: LineWords): string | null {
  const [first] = oldNames;
  if (first === undefined) return null;
  return (
    `${capitalized(lineWords(first.line))} has async as a name, which Python takes up to version 3.6. ` +
    "PyTorch's argument of that name is called non_blocking now."
  );
}

function readAllModels(
  parsed: SourceFile,
  text: string,
  read: (input: ReadModelInput) => ModelReading,
): ModelReading[] {
  const input = { path: parsed.path, text, parsed };
  const first = read(input);
  const others = first.candidates.filter(
    ({ requires, expression }) => requires.length === 0 && expression !== first.model,
  );
  return [first, ...others.slice(0, MOST_MODELS).map(({ expression }) => read({ ...input, model: expression }))];
}

/** A file without any model is read, and has none. */
function whyUnread(readings: readonly ModelReading[], lineWords: LineWords): string | null {
  if (readings.some(({ graph }) => graph !== null)) return null;
  const problem = readings[0]?.problems.find(({ code }) => code !== "no-model");
  return problem === undefined ? null : describeProblem(problem, lineWords).sentence;
}

function mergedFindings(readings: readonly ModelReading[], file: SourceFile): SourceFinding[] {
  const perReading = readings.map((reading) => ({ reading, findings: modelFindings(reading, file) }));
  const merged = new Map<string, SourceFinding>();
  for (const { findings } of perReading) {
    for (const finding of findings) {
      const key = placeKey(finding);
      const isQuiet = (other: (typeof perReading)[number]): boolean =>
        makesLayerAt(other.reading, finding) && !other.findings.some((found) => placeKey(found) === key);
      const quiet = perReading.filter(isQuiet);
      // A layer that some model calls is in use, and text alone does not outweigh a graph.
      if (quiet.length > 0 && (finding.rule === "norm-unused" || finding.layers.length === 0)) continue;
      const known = merged.get(key);
      if (known !== undefined && known.layers.length >= finding.layers.length) continue;
      merged.set(key, quiet.length > 0 ? { ...finding, fix: null } : finding);
    }
  }
  return [...merged.values()];
}

const placeKey = ({ rule, range }: SourceFinding): string => `${rule}:${range.startLine}:${range.startColumn}`;

function makesLayerAt({ graph }: ModelReading, { expression }: SourceFinding): boolean {
  return graph?.layers.some((layer) => rangeKey(layer.range) === rangeKey(expression)) ?? false;
}
