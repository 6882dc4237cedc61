/** Findings of a whole file: of every model in it that can be built without arguments, and of the script it is. */
import { type LineWords, capitalized, describeProblem, plainLineWords } from "../protocol/problems";
import { calledLayers, type ModelGraph } from "../protocol/modelGraph";
import { parsePython, type SourceFile } from "../python/parse";
import { readEveryModel, type EveryModel } from "../source/everyModel";
import type { ModuleSource, ReadSettings } from "../python/resolveModule";
import type { ModelReading } from "../source/modelReading";
import { textProblem } from "../python/textLimits";
import { rangeKey } from "./context";
import { whatIsMissing } from "./missingParts";
import { asAsked, modelFindings } from "./findingsFromReading";
import { scriptFindings } from "./script/scriptFindings";
import type { FindingOptions, SourceFinding } from "./sourceFinding";
import { counted } from "./wording";

export interface LintedSource {
  /** Why the file could not be read; such a file is never counted as clean. */
  readonly unread: string | null;
  /** What of its models could not be followed, and why: findings may be missing there. */
  readonly partial: string | null;
  /** What else there is to know about how the file was read. */
  readonly note: string | null;
  readonly findings: readonly SourceFinding[];
  /** What reading took: the same for the same texts, on any machine. */
  readonly steps: number;
}

export interface LintOptions extends FindingOptions {
  /** Reads files of settings that the code opens. */
  readonly readSettings?: ReadSettings;
  /** Scripts beside the file that import it. */
  readonly callers?: () => readonly ModuleSource[];
  readonly lineWords?: LineWords;
  /** Lines where cells of a notebook are wrong that its kernel refuses, and that the text is without. */
  readonly refused?: readonly number[];
}

export function lintSource(path: string, text: string, options: LintOptions = {}): LintedSource {
  const { lineWords = plainLineWords, refused = [], severities: _, ...surroundings } = options;
  const { resolveModule = null } = options;
  const problem = textProblem(path, text);
  if (problem !== null) return unreadSource(describeProblem(problem).sentence);
  const file = parsePython(path, text);
  const [error] = file.syntaxErrors;
  if (error !== undefined) return unreadSource(`${capitalized(lineWords(error.line))} can't be parsed as Python 3.`);
  const models = readEveryModel({ path, text, ...surroundings }, file);
  const findings = [...mergedFindings(models, file), ...scriptFindings(file, resolveModule, options.callers)];
  return {
    unread: null,
    partial: sentences([refusedWords(refused, lineWords), whatIsMissing(models, file, lineWords)]),
    note: oldSyntaxNote(file, lineWords),
    findings: asAsked(findings, file, options),
    steps: models.steps,
  };
}

export const unreadSource = (reason: string): LintedSource => ({
  unread: reason,
  partial: null,
  note: null,
  findings: [],
  steps: 0,
});

const sentences = (words: readonly (string | null)[]): string | null =>
  words.filter((one) => one !== null).join(" ") || null;

/** A kernel refuses such a cell, and runs the others. */
function refusedWords([first, ...others]: readonly number[], lineWords: LineWords): string | null {
  if (first === undefined) return null;
  const more = others.length === 0 ? "that cell was" : `that cell and ${counted(others.length, "other")} were`;
  return `${capitalized(lineWords(first))} can't be parsed as Python 3, so ${more} left out.`;
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

/** A reading with its findings, and where they are. */
interface Found {
  readonly reading: ModelReading;
  readonly findings: readonly SourceFinding[];
  readonly keys: ReadonlySet<string>;
}

const foundIn = (reading: ModelReading, findings: readonly SourceFinding[]): Found => ({
  reading,
  findings,
  keys: new Set(findings.map(placeKey)),
});

function mergedFindings(
  { readings, built, assumed, otherwise, around }: EveryModel,
  file: SourceFile,
): SourceFinding[] {
  const ofBuilders = built.map((reading) => foundIn(reading, modelFindings(reading, file)));
  const perReading = [
    ...readings.map((reading) => meantFindings(foundIn(reading, modelFindings(reading, file)), ofBuilders)),
    ...ofBuilders,
    ...[...assumed, ...otherwise].flatMap((variations) => certainFindings(variations, file)),
    ...around.map((reading) => foundIn(reading, modelFindings(reading, file))),
  ];
  const merged = new Map<string, SourceFinding>();
  for (const { findings } of perReading) {
    for (const finding of findings) {
      const key = placeKey(finding);
      const quiet = perReading.filter((other) => isQuietAbout(finding, other));
      // A layer that some model calls is in use, and text alone does not outweigh a graph.
      if (quiet.length > 0 && (finding.rule === "norm-unused" || finding.layers.length === 0)) continue;
      const known = merged.get(key);
      if (known !== undefined && known.layers.length >= finding.layers.length) continue;
      merged.set(key, quiet.length > 0 ? { ...finding, fix: null } : finding);
    }
  }
  return [...merged.values()];
}

/** A class with its own defaults has what at least one of the functions has that build it, if there are any. */
function meantFindings(found: Found, ofBuilders: readonly Found[]): Found {
  const { reading } = found;
  if (!reading.candidates.some(({ kind, expression }) => kind === "class" && expression === reading.model))
    return found;
  const isMeant = (finding: SourceFinding): boolean => {
    const makers = ofBuilders.filter((builder) => makesLayerAt(builder.reading, finding));
    return makers.length === 0 || !makers.every((builder) => isQuietAbout(finding, builder));
  };
  return foundIn(reading, found.findings.filter(isMeant));
}

/** Of a model that needs arguments: what is found whatever they are, as far as they were tried. */
function certainFindings(variations: readonly ModelReading[], file: SourceFile): Found[] {
  const found = variations.map((reading) => foundIn(reading, structuralFindings(reading, file)));
  return found.map(({ reading, findings }) =>
    foundIn(
      reading,
      findings.filter((finding) => !found.some((other) => isQuietAbout(finding, other))),
    ),
  );
}

/** Rules that need sizes, which assumed arguments do not give. */
const NEEDS_SIZES = new Set(["axis-mismatch"]);

const structuralFindings = (reading: ModelReading, file: SourceFile): SourceFinding[] =>
  modelFindings(reading, file).filter(({ rule }) => reading.assumed.length === 0 || !NEEDS_SIZES.has(rule));

/** Rules about what follows what: a reading that ended before it called the layer says nothing about them. */
const NEEDS_CALLS = new Set(["bias-before-norm", "dropout-before-norm"]);

/** Whether a model makes the layer of a finding, calls it where that matters, and nothing was found there. */
function isQuietAbout(finding: SourceFinding, { reading, keys }: Found): boolean {
  if (keys.has(placeKey(finding))) return false;
  return NEEDS_CALLS.has(finding.rule) ? callsLayerAt(reading, finding) : makesLayerAt(reading, finding);
}

const placeKey = ({ rule, range }: SourceFinding): string => `${rule}:${range.startLine}:${range.startColumn}`;

const makesLayerAt = ({ graph }: ModelReading, { expression }: SourceFinding): boolean =>
  graph !== null && placesIn(graph).made.has(rangeKey(expression));

const callsLayerAt = ({ graph }: ModelReading, { expression }: SourceFinding): boolean =>
  graph !== null && placesIn(graph).called.has(rangeKey(expression));

interface LayerPlaces {
  readonly made: ReadonlySet<string>;
  readonly called: ReadonlySet<string>;
}

const places = new WeakMap<ModelGraph, LayerPlaces>();

function placesIn(graph: ModelGraph): LayerPlaces {
  const known = places.get(graph) ?? {
    made: new Set(graph.layers.map(({ range }) => rangeKey(range))),
    called: new Set(calledLayers(graph).map(({ range }) => rangeKey(range))),
  };
  places.set(graph, known);
  return known;
}
