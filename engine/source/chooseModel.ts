/** Which model of a file is meant, and building it. */
import type { Problem } from "../protocol/problems";
import { unknownProblem } from "../graph/trainable";
import { parsePythonOnce } from "../python/parse";
import type { Annotation, ModelDirective } from "./annotations/annotation";
import type { ModuleInstance } from "./buildGraph";
import { literalCall } from "./callSites";
import { defaultCandidate, type ModelCandidate } from "./candidates";
import { isModule } from "./interpreter/aboutValues";
import { noArguments, type Machine } from "./interpreter/machine";
import { none } from "./interpreter/newValues";
import type { Scope, UnknownValue, Value } from "./interpreter/values";
import { forgetNames } from "./keras/kerasState";

export interface ModelChoice {
  readonly expression: string;
  /** The line the expression is on, for the positions of what is unknown in it. */
  readonly line: number;
  readonly directive: ModelDirective | null;
}

export function chooseModel(
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
export type Selection =
  | { readonly instance: ModuleInstance; readonly notes: readonly UnknownValue[] }
  | { readonly instance: null; readonly problem: Problem };

export function selectModel(
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
