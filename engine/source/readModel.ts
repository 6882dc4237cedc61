import type { ModelGraph, Unknown } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import type { Problem } from "../protocol/problems";
import { applyAnnotations, type DirectiveIssue } from "../graph/applyAnnotations";
import type { PlacedDirective } from "../graph/directive";
import { inferShapes } from "../graph/shapes";
import { unknownProblem } from "../graph/trainable";
import type { Annotation, AnnotationIssue, ModelDirective } from "./annotations/annotation";
import { parseAnnotations } from "./annotations/parseAnnotations";
import { buildGraph, type ModuleInstance } from "./buildGraph";
import { defaultCandidate, findCandidates, type ModelCandidate } from "./candidates";
import { literalCall } from "./callSites";
import { inferInputShape } from "./inputShape";
import { createMachine, defaultLimits, type MachineLimits } from "./interpreter/createMachine";
import { noArguments, type Machine } from "./interpreter/machine";
import { moduleScope } from "./interpreter/scope";
import { isModule } from "./interpreter/aboutValues";
import { none } from "./interpreter/newValues";
import type { InstanceValue, Scope, UnknownValue, Value } from "./interpreter/values";
import { buildKerasGraph } from "./keras/buildKerasGraph";
import { isKeras } from "./keras/callKeras";
import { forgetNames, nameAsTfjs } from "./keras/kerasState";
import { createLibrary } from "./libraries/createLibrary";
import { isBuiltInPath } from "./builtIn/builtInFile";
import type { ModuleSource, ReadSettings, ResolveModule } from "../python/resolveModule";
import { textProblem } from "../python/textLimits";
import { isJavaScript, parseJavaScript } from "./tfjs/parseJavaScript";
import { parsePython, parsePythonIfValid, parsePythonOnce, type SourceFile, type SyntaxErrorAt } from "../python/parse";

export interface ReadModelInput {
  readonly path: string;
  /** Of a notebook the Python cells, joined (`sourceText.ts`). */
  readonly text: string;
  /** Hash of the file's bytes, for the record; the caller computes it. */
  readonly sha256?: string;
  /** A Python expression that builds the model; the annotation's or the file's own choice when absent. */
  readonly model?: string;
  /** Shapes of the inputs, without the batch, in the order of `forward`. */
  readonly inputs?: readonly Shape[];
  readonly limits?: MachineLimits;
  /** Finds the other files of the workspace that the file imports; without it they are not read. */
  readonly resolveModule?: ResolveModule;
  /** Reads files of settings (YAML, JSON) that the code opens; without it none are read. */
  readonly readSettings?: ReadSettings;
  /** Scripts beside the file that import it: they say what its models are made with where the file does not. */
  readonly callers?: () => readonly ModuleSource[];
  /** The text as it was parsed before, for callers that read several models of one file. */
  readonly parsed?: SourceFile;
}

export type { ResolveModule } from "../python/resolveModule";

/** What was read from one model file. */
export interface ModelReading {
  readonly path: string;
  readonly sha256: string;
  /** The text as it was parsed, for callers that need it; null for a text that is not parsed at all. */
  readonly file: SourceFile | null;
  readonly syntaxErrors: readonly SyntaxErrorAt[];
  readonly candidates: readonly ModelCandidate[];
  /** The expression of the model that was read, or null. */
  readonly model: string | null;
  /** The model as written. */
  readonly graph: ModelGraph | null;
  /** True when nothing gives the input's shape and the layers determine it. */
  readonly inputIsInferred: boolean;
  readonly annotations: readonly Annotation[];
  readonly annotationIssues: readonly AnnotationIssue[];
  /** The graph after its annotations. */
  readonly variant: ModelGraph | null;
  /** The data that the `model` annotation names. */
  readonly data: string | null;
  readonly problems: readonly Problem[];
  readonly unknowns: readonly Unknown[];
  /** The other files that were read; the reading depends on their text too. */
  readonly importedFiles: readonly string[];
  /** Arguments that nobody gave and that were assumed; such a model shows structure, and is never trained. */
  readonly assumed: readonly string[];
}

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

/** A model file that has been evaluated, so that its models can be read one after the other. */
export interface OpenedFile {
  readonly input: ReadModelInput;
  readonly file: SourceFile;
  readonly machine: Machine;
  readonly scope: Scope;
  readonly candidates: readonly ModelCandidate[];
  readonly annotations: readonly Annotation[];
  readonly annotationIssues: readonly AnnotationIssue[];
}

/** Evaluates a file. The modules that it makes go into `made`, where that is given. */
export function openFile(input: ReadModelInput, file: SourceFile, made: InstanceValue[] | null = null): OpenedFile {
  const { annotations, issues } = parseAnnotations(file);
  const machine = createMachine(
    createLibrary(),
    input.limits ?? defaultLimits,
    input.resolveModule ?? null,
    input.readSettings ?? null,
  );
  if (isJavaScript(file.path)) nameAsTfjs(machine);
  const scope = moduleScope(file);
  machine.made = made;
  machine.modules.enter(file, scope);
  machine.made = null;
  const { budget } = machine;
  const stopped = budget.exceeded;
  const candidates = findCandidates(machine, scope);
  // Functions that were tried out took steps of their own.
  budget.restart();
  budget.exceeded = stopped;
  return { input, file, machine, scope, candidates, annotations, annotationIssues: issues };
}

/** Reads one of several models of a file as if it were the only one, and takes back what it changes. */
export function separately<T>(machine: Machine, run: () => T, steps?: number): T {
  const { budget, journal, frozen } = machine;
  const { length } = frozen;
  const stopped = budget.exceeded;
  budget.restart(steps);
  const result = journal.attempt(run);
  budget.exceeded = stopped;
  frozen.length = length;
  return result;
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

interface ModelChoice {
  readonly expression: string;
  /** The line the expression is on, for the positions of what is unknown in it. */
  readonly line: number;
  readonly directive: ModelDirective | null;
}

function chooseModel(
  model: string | undefined,
  annotations: readonly Annotation[],
  scope: Scope,
  candidates: readonly ModelCandidate[],
): ModelChoice {
  const annotation = annotations.find((candidate) => candidate.directive.kind === "model");
  const directive = annotation?.directive.kind === "model" ? annotation.directive : null;
  if (model !== undefined) {
    const isSame = directive !== null && modelName(directive.expression) === modelName(model);
    return { expression: model, line: 1, directive: isSame ? directive : null };
  }
  if (directive !== null) return { expression: directive.expression, line: annotation?.line ?? 1, directive };
  const candidate = defaultCandidate(scope, candidates) ?? literalCall(scope.file, candidates);
  return { expression: candidate?.expression ?? "", line: candidate?.line ?? 1, directive: null };
}

/** `ResNet18(num_classes=10)` and `ResNet18()` are the same model with other arguments. */
function modelName(expression: string): string {
  return /^\s*([\w.]+)/.exec(expression)?.[1] ?? expression;
}

/** The model, with what was not known while it was built. */
type Selection =
  | { readonly instance: ModuleInstance; readonly notes: readonly UnknownValue[] }
  | { readonly instance: null; readonly problem: Problem };

function selectModel(
  machine: Machine,
  scope: Scope,
  choice: ModelChoice,
  candidates: readonly ModelCandidate[],
): Selection {
  const { path } = scope.file;
  if (choice.expression === "") return { instance: null, problem: noModel(path, candidates) };
  const notes: UnknownValue[] = [];
  const value = machine.collecting(notes, () => evaluateModel(machine, scope, choice));
  if (value !== null && isModule(value)) return { instance: value, notes };
  if (value?.kind === "unknown" && !isUndefinedName(value, choice)) {
    return {
      instance: null,
      problem: unknownProblem(value, choice.expression),
    };
  }
  return {
    instance: null,
    problem: {
      code: "model-not-found",
      path,
      model: choice.expression,
      found: candidates.map((candidate) => candidate.name),
    },
  };
}

/** A class that only needs arguments is named, since a person can give them in an annotation. */
function noModel(path: string, candidates: readonly ModelCandidate[]): Problem {
  const [first] = candidates;
  if (first === undefined) return { code: "no-model", path };
  const reason = `${first.name} needs arguments: ${first.requires.join(", ")}`;
  return { code: "unknown-value", reason, path, line: first.line, remedy: "modelArguments", model: first.name };
}

function isUndefinedName(value: UnknownValue, choice: ModelChoice): boolean {
  return value.reason === `the name ${modelName(choice.expression)} is not defined in this file`;
}

/** Evaluates the expression in the file's own namespace; a class or function is called without arguments. */
function evaluateModel(machine: Machine, scope: Scope, choice: ModelChoice): Value | null {
  const padding = "\n".repeat(Math.max(0, choice.line - 1));
  const file = parsePythonOnce(scope.file.path, `${padding}${choice.expression.replace(/[\r\n]+/g, " ")}`);
  const [statement] = file.module.body;
  if (file.syntaxErrors.length > 0 || file.module.body.length !== 1 || statement?.kind !== "expression") return null;
  // A model that is built again gets the layer names of a fresh process.
  if (
    statement.value.kind !== "attribute" &&
    !(statement.value.kind === "name" && isModule(scope.variables.get(statement.value.name) ?? none))
  )
    forgetNames(machine);
  const value = machine.evaluate(statement.value, { ...scope, file });
  if (value.kind !== "class" && value.kind !== "function") return value;
  return machine.call(value, noArguments, value.range);
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
