/** Reads a model file: from its text to a graph, with what is unknown about it. */
import type { ModelGraph } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import type { Problem } from "../protocol/problems";
import { applyAnnotations, type DirectiveIssue } from "../graph/applyAnnotations";
import type { PlacedDirective } from "../graph/directive";
import { inferShapes } from "../graph/shapes";
import { parsePython, parsePythonIfValid, type SourceFile } from "../python/parse";
import { textProblem } from "../python/textLimits";
import type { Annotation, AnnotationIssue } from "./annotations/annotation";
import { buildGraph, type ModuleInstance } from "./buildGraph";
import { isBuiltInPath } from "./builtIn/builtInFile";
import { chooseModel, selectModel } from "./chooseModel";
import { inferInputShape } from "./inputShape";
import type { Machine } from "./interpreter/machine";
import type { UnknownValue } from "./interpreter/values";
import { buildKerasGraph } from "./keras/buildKerasGraph";
import { isKeras } from "./keras/callKeras";
import type { ModelReading, ReadModelInput } from "./modelReading";
import { openFile, type OpenedFile } from "./openFile";
import { isJavaScript, parseJavaScript } from "./tfjs/parseJavaScript";

/**
 * Reads a model file. Pure and synchronous: the same text gives the same reading, nothing of the file is executed, and
 * nothing is thrown for whatever the text may be.
 */
export function readModelFile(input: ReadModelInput): ModelReading {
  const problem = textProblem(input.path, input.text);
  if (problem !== null) return unread(input, null, [problem]);
  return readParsed(input, input.parsed ?? parseModelFile(input));
}

const parseModelFile = ({ path, text }: ReadModelInput): SourceFile =>
  isJavaScript(path) ? parseJavaScript(path, text) : parsePython(path, text);

/** The same, but null at once for a text with syntax errors, for callers that can keep an earlier reading. */
export function readModelFileIfItParses(input: ReadModelInput): ModelReading | null {
  const problem = textProblem(input.path, input.text);
  if (problem !== null) return unread(input, null, [problem]);
  const file = isJavaScript(input.path)
    ? parseJavaScript(input.path, input.text)
    : parsePythonIfValid(input.path, input.text);
  return file === null || file.syntaxErrors.length > 0 ? null : readParsed(input, file);
}

function readParsed(input: ReadModelInput, file: SourceFile): ModelReading {
  try {
    return readOpened(openFile(input, file));
  } catch (error) {
    // Values nested tens of thousands deep exhaust the JavaScript stack in spite of the interpreter's own limits.
    if (!(error instanceof RangeError)) throw error;
    return unreadable(input, file);
  }
}

export function unreadable(input: ReadModelInput, file: SourceFile): ModelReading {
  const problem: Problem = {
    code: "unknown-value",
    reason: "its values are nested too deeply to follow",
    path: file.path,
    line: 1,
  };
  return unread(input, file, [...syntaxProblems(file), problem]);
}

function unread(input: ReadModelInput, file: SourceFile | null, problems: readonly Problem[]): ModelReading {
  return {
    path: input.path,
    sha256: input.sha256 ?? "",
    file,
    syntaxErrors: file?.syntaxErrors ?? [],
    candidates: [],
    model: null,
    graph: null,
    inputIsInferred: false,
    annotations: [],
    annotationIssues: [],
    variant: null,
    data: null,
    problems,
    unknowns: [],
    importedFiles: [],
    assumed: [],
  };
}

/** Reads the model of an expression; without one the one that its annotation or the file chooses. */
export function readOpened(opened: OpenedFile, model = opened.input.model): ModelReading {
  const { input, machine, scope, annotations, candidates } = opened;
  const choice = chooseModel(model, annotations, scope, candidates);
  const selected = selectModel(machine, scope, choice, candidates);
  if (selected.instance === null) return unreadModel(opened, selected.problem, choice.directive?.data ?? null);
  const { instance, notes } = selected;
  return readInstance(opened, instance, {
    model: choice.expression,
    notes,
    inputs: input.inputs ?? choice.directive?.inputs ?? [],
    data: choice.directive?.data ?? null,
  });
}

function unreadModel(opened: OpenedFile, problem: Problem, data: string | null): ModelReading {
  return {
    ...commonPart(opened, data),
    model: null,
    graph: null,
    inputIsInferred: false,
    variant: null,
    annotationIssues: opened.annotationIssues,
    problems: [...syntaxProblems(opened.file), problem],
    unknowns: [],
    importedFiles: importedFiles(opened.machine, opened.file),
  };
}

type CommonPart = Pick<
  ModelReading,
  "path" | "sha256" | "file" | "syntaxErrors" | "candidates" | "annotations" | "data" | "assumed"
>;

const commonPart = ({ input, file, candidates, annotations }: OpenedFile, data: string | null): CommonPart => ({
  path: file.path,
  sha256: input.sha256 ?? "",
  file,
  syntaxErrors: file.syntaxErrors,
  candidates,
  annotations,
  data,
  assumed: [],
});

/** How a model came about. */
export interface ModelOrigin {
  /** The expression that builds it. */
  readonly model: string;
  /** What was not known while it was built. */
  readonly notes: readonly UnknownValue[];
  readonly inputs: readonly Shape[];
  readonly data: string | null;
}

/** The reading of a model that has been built. */
export function readInstance(opened: OpenedFile, instance: ModuleInstance, from: ModelOrigin): ModelReading {
  const { machine, file, annotations } = opened;
  const origin = { model: from.model, path: file.path, sha256: opened.input.sha256 ?? "" };
  const inferred = from.inputs.length > 0 || isKeras(instance) ? null : inferInputShape(machine, instance);
  const inputShapes = from.inputs.length > 0 ? from.inputs : [inferred];
  const graph = isKeras(instance)
    ? buildKerasGraph(machine, instance, { ...origin, inputShapes }, from.notes)
    : buildGraph(machine, instance, { ...origin, inputShapes });
  const variant = applyAnnotations(graph, placedDirectives(annotations));
  return {
    ...commonPart(opened, from.data),
    model: from.model,
    graph,
    inputIsInferred: inferred !== null && !inferred.some(Number.isNaN),
    variant: variant.graph,
    annotationIssues: [...opened.annotationIssues, ...variant.issues.map((issue) => issueAt(issue, annotations, file))],
    problems: [...syntaxProblems(file), ...graphProblems(variant.graph, inferred)],
    unknowns: graph.unknowns,
    importedFiles: importedFiles(machine, file),
  };
}

function importedFiles({ modules, settingsFiles }: Machine, file: SourceFile): string[] {
  return [...modules.paths.filter((path) => path !== file.path && !isBuiltInPath(path)), ...new Set(settingsFiles)];
}

function placedDirectives(annotations: readonly Annotation[]): PlacedDirective[] {
  return annotations.flatMap(({ directive, line }) => (directive.kind === "model" ? [] : [{ directive, line }]));
}

function issueAt(issue: DirectiveIssue, annotations: readonly Annotation[], file: SourceFile): AnnotationIssue {
  const annotation = annotations.find(
    (candidate) => candidate.line === issue.line && candidate.directive.kind !== "model",
  );
  const range = annotation?.range ?? file.lines.range(file.path, { from: 0, to: 0 });
  return { message: issue.message, range, replacement: null };
}

function syntaxProblems(file: SourceFile): Problem[] {
  return file.syntaxErrors.map(({ line }) => ({ code: "syntax-error", path: file.path, line }));
}

/** Sizes along each axis of an image, a sequence or a volume, to show what a shape looks like. */
const EXAMPLES: Readonly<Record<number, readonly number[]>> = { 1: [128], 2: [32, 32], 3: [16, 16, 16] };

/** A shape that fits the first layers, of which the channels are known. */
function exampleShape([channels, ...sizes]: Shape): number[] | null {
  const example = EXAMPLES[sizes.length];
  return channels === undefined || Number.isNaN(channels) || example === undefined ? null : [channels, ...example];
}

function graphProblems(graph: ModelGraph, inferred: Shape | null): Problem[] {
  const example = inferred === null ? null : exampleShape(inferred);
  const missing: Problem[] = graph.inputs.some(({ shape }) => shape === null)
    ? [
        {
          code: "input-shape-unknown",
          model: graph.model,
          inputs: graph.inputs.length,
          ...(example === null ? {} : { example }),
        },
      ]
    : [];
  return [...missing, ...inferShapes(graph).problems];
}
