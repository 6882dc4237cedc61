import type { Machine } from "./interpreter/machine";
import type { Parameter } from "../python/expressions";
import { isModuleClass } from "./interpreter/classes";
import { noArguments } from "./interpreter/machine";
import { isModule } from "./interpreter/aboutValues";
import type { Scope, ClassValue, FunctionValue, Value } from "./interpreter/values";
import { isKeras } from "./keras/callKeras";
import { heldModels, isKerasLayerClass, isKerasModel, KERAS_WORDS, makesModelOf } from "./keras/kerasCandidates";
import { namedModules } from "./torch/modules";

/** A model that a file defines. */
export interface ModelCandidate {
  /** The expression that builds it: `model`, `MnistMlp()`. */
  readonly expression: string;
  readonly kind: "instance" | "class" | "function";
  readonly name: string;
  readonly line: number;
  /** Constructor arguments without a default; a model can only be built without the user's help when there are none. */
  readonly requires: readonly string[];
}

/** The models of a file in the order of their definition. Functions are listed when nothing else can be built. */
export function findCandidates(machine: Machine, scope: Scope): ModelCandidate[] {
  const variables = [...scope.variables];
  const found = variables.flatMap(([name, value]): ModelCandidate[] => {
    if (!isDefinedHere(scope, value)) return [];
    if (isModule(value))
      return isKeras(value) && !isKerasModel(value)
        ? []
        : [{ expression: name, kind: "instance", name, line: value.range.startLine, requires: [] }];
    const isModelClass = value.kind === "class" && value.name === name && isModuleClass(machine, value);
    return isModelClass && !isKerasLayerClass(value) ? [classCandidate(value)] : [];
  });
  if (found.some((candidate) => candidate.requires.length === 0)) return found;
  const made = [...found, ...functionCandidates(machine, scope, found), ...holderCandidates(machine, scope)];
  return made.length > 0 ? made : layerClasses(scope);
}

/** Layer classes of Keras's, where a file defines nothing else. */
function layerClasses(scope: Scope): ModelCandidate[] {
  return [...scope.variables].flatMap(([name, value]) =>
    value.kind === "class" && value.name === name && isDefinedHere(scope, value) && isKerasLayerClass(value)
      ? [classCandidate(value)]
      : [],
  );
}

/** Keras models that a plain class of the file makes for itself: `GAN().generator`. */
function holderCandidates(machine: Machine, scope: Scope): ModelCandidate[] {
  return [...scope.variables].flatMap(([name, value]) => {
    const isPlain =
      value.kind === "class" && value.name === name && isDefinedHere(scope, value) && !isModuleClass(machine, value);
    if (!isPlain || requiredArguments(initializerOf(value)?.parameters.slice(1) ?? []).length > 0) return [];
    return heldModels(machine, value).map(
      (attribute): ModelCandidate => ({
        expression: `${name}().${attribute}`,
        kind: "function",
        name: `${name}().${attribute}`,
        line: value.range.startLine,
        requires: [],
      }),
    );
  });
}

/** What a file imports is a model of the other file. */
function isDefinedHere(scope: Scope, value: Value): boolean {
  return (value.kind !== "instance" && value.kind !== "class") || value.range.path === scope.file.path;
}

function classCandidate(cls: ClassValue): ModelCandidate {
  const requires = requiredArguments(initializerOf(cls)?.parameters.slice(1) ?? []);
  return {
    expression: `${cls.name}(${requires.length > 0 ? "…" : ""})`,
    kind: "class",
    name: cls.name,
    line: cls.range.startLine,
    requires,
  };
}

export function initializerOf(cls: ClassValue): FunctionValue | null {
  for (const entry of cls.mro) {
    const init = entry.kind === "class" ? entry.namespace.get("__init__") : undefined;
    if (init?.kind === "function") return init;
  }
  return null;
}

export function requiredArguments(parameters: readonly Parameter[]): string[] {
  return parameters
    .filter(
      (parameter) => parameter.defaultValue === null && parameter.kind !== "star" && parameter.kind !== "doubleStar",
    )
    .map((parameter) => parameter.name);
}

/**
 * Functions that return a model (`def resnet18(): return ResNet(…)`), tried out. One that needs arguments counts if it
 * makes a Keras model of anything.
 */
function functionCandidates(machine: Machine, scope: Scope, classes: readonly ModelCandidate[]): ModelCandidate[] {
  const makers = new Set(classes.map((candidate) => candidate.name));
  const found: ModelCandidate[] = [];
  for (const [name, value] of scope.variables) {
    if (value.kind !== "function" || value.closure !== scope || !mentions(scope, value, makers)) continue;
    const requires = requiredArguments(value.parameters);
    if (requires.length > 0) {
      if (!makesModelOf(machine, value, requires)) continue;
      makers.add(name);
      found.push({ expression: `${name}(…)`, kind: "function", name, line: value.range.startLine, requires });
      continue;
    }
    makers.add(name);
    if (makesModel(machine, value)) found.push(callCandidate(name, value));
  }
  return found;
}

const makesModel = (machine: Machine, value: FunctionValue): boolean =>
  machine.journal.rehearse(() => isModel(machine.call(value, noArguments, value.range)));

const callCandidate = (name: string, { range }: FunctionValue): ModelCandidate => ({
  expression: `${name}()`,
  kind: "function",
  name,
  line: range.startLine,
  requires: [],
});

/**
 * Functions that build classes which could be built without them: `def net(): return Net(rate=0.1)` says how the file
 * means its class.
 */
export function builderCandidates(
  machine: Machine,
  scope: Scope,
  candidates: readonly ModelCandidate[],
): ModelCandidate[] {
  const classes = candidates.filter(({ kind, requires }) => kind === "class" && requires.length === 0);
  const names = new Set(classes.map(({ name }) => name));
  const listed = new Set(candidates.map(({ name }) => name));
  return [...scope.variables].flatMap(([name, value]) => {
    const isBuilder =
      value.kind === "function" &&
      value.closure === scope &&
      !listed.has(name) &&
      requiredArguments(value.parameters).length === 0 &&
      wordsIn(scope, value).some((word) => names.has(word)) &&
      makesModel(machine, value);
    return isBuilder ? [callCandidate(name, value)] : [];
  });
}

function isModel(value: Value): boolean {
  return isModule(value) && (!isKeras(value) || isKerasModel(value));
}

export function mentions(scope: Scope, value: FunctionValue, names: ReadonlySet<string>): boolean {
  return wordsIn(scope, value).some((word) => names.has(word) || word === "nn" || KERAS_WORDS.has(word));
}

function wordsIn(scope: Scope, { body }: FunctionValue): string[] {
  if (!Array.isArray(body)) return [];
  const statements = body as readonly { from: number; to: number }[];
  const text = scope.file.text.slice(statements[0]?.from ?? 0, statements.at(-1)?.to ?? 0);
  return text.match(/[A-Za-z_]\w*/g) ?? [];
}

/**
 * The candidate a file is about: an instance built at module level that is no part of another, else the last class that
 * no other class uses as a submodule, else the first function.
 */
export function defaultCandidate(scope: Scope, candidates: readonly ModelCandidate[]): ModelCandidate | null {
  const buildable = candidates.filter((candidate) => candidate.requires.length === 0);
  const instances = buildable.filter(
    (candidate) => candidate.kind === "instance" && !isPartOfAnother(scope, candidate.name),
  );
  const classes = buildable.filter((candidate) => candidate.kind === "class");
  const free = classes.filter((candidate) => !isUsedByOther(scope, candidate.name));
  return (
    instances.at(-1) ??
    free.at(-1) ??
    classes.at(-1) ??
    buildable.find((candidate) => candidate.kind === "function") ??
    null
  );
}

function isPartOfAnother(scope: Scope, name: string): boolean {
  const value = scope.variables.get(name);
  return [...scope.variables.values()].some(
    (other) =>
      other !== value &&
      isModule(other) &&
      value !== undefined &&
      namedModules(other).some(([, module]: readonly [string, Value]) => module === value),
  );
}

/** Whether the name occurs in the body of another class; a base class in the head does not count as use. */
function isUsedByOther(scope: Scope, name: string): boolean {
  return scope.file.module.body.some((statement) => {
    if (statement.kind !== "class" || statement.name === name) return false;
    const text = scope.file.text.slice(statement.body[0]?.from ?? 0, statement.to);
    return new RegExp(`\\b${name}\\b`).test(text);
  });
}
