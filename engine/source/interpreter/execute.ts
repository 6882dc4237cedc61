import { isAssumed } from "./openValues";
import type {
  AssertStatement,
  AugmentedStatement,
  Block,
  FunctionStatement,
  IfStatement,
  Statement,
  TryStatement,
  WithStatement,
} from "../../python/statements";
import { isLibrary } from "../../python/libraryNames";
import { assignTo, setName } from "./assign";
import { defineClass } from "./classes";
import { deleteTarget } from "./deletion";
import { joinCompletions, normal, outcome, runUncertainly } from "./completions";
import { decorate } from "./decorators";
import { operate } from "./evaluate";
import { defineFunction } from "./functions";
import { executeImport } from "./imports";
import { executeFor, executeWhile } from "./loops";
import { tooDeep, type Completion, type Machine } from "./machine";
import { globalScope, nonlocalScope, rangeIn } from "./scope";
import { truthOf } from "./truth";
import { dictKey } from "./aboutValues";
import { dict, method, none, string, unknown, unfollowed } from "./newValues";
import type { Scope, Value } from "./values";

/** Runs a block. After a statement that may have left it, the rest is run as something that may not happen. */
export function execute(machine: Machine, block: Block, scope: Scope): Completion {
  for (const [index, statement] of block.entries()) {
    const completion = executeCounted(machine, statement, scope);
    if (completion.kind === "maybe")
      return runUncertainly(machine, completion, () => execute(machine, block.slice(index + 1), scope));
    if (completion.kind !== "normal") return completion;
  }
  return normal;
}

function executeCounted(machine: Machine, statement: Statement, scope: Scope): Completion {
  const { budget } = machine;
  if (!budget.spend()) {
    budget.exceeded ??= unknown(
      "the file takes too many steps to follow, and NormLens stopped reading here",
      rangeIn(scope, statement),
    );
    return { kind: "raise", reason: budget.exceeded };
  }
  if (!budget.enter()) return { kind: "raise", reason: tooDeep(machine, rangeIn(scope, statement)) };
  const completion = executeStatement(machine, statement, scope);
  budget.leave();
  return completion;
}

function executeStatement(machine: Machine, statement: Statement, scope: Scope): Completion {
  switch (statement.kind) {
    case "if":
      return executeIf(machine, statement, 0, scope);
    case "for":
      return executeFor(machine, statement, scope);
    case "while":
      return executeWhile(machine, statement, scope);
    case "try":
      return executeTry(machine, statement, scope);
    case "with":
      return executeWith(machine, statement, scope);
    case "match":
      return executeMatch(machine, statement, scope);
    case "return":
      return { kind: "return", value: statement.value === null ? none : machine.evaluate(statement.value, scope) };
    case "break":
    case "continue":
      return { kind: statement.kind };
    case "raise":
      if (machine.choices !== null && !machine.journal.isUncertain) machine.choices.hasFailed = true;
      return { kind: "raise", reason: unknown("an exception is raised here", rangeIn(scope, statement)) };
    case "assert":
      return executeAssert(machine, statement, scope);
    default:
      executeSimple(machine, statement, scope);
      return normal;
  }
}

type SimpleKind = Exclude<
  Statement,
  { kind: "if" | "for" | "while" | "try" | "with" | "match" | "return" | "raise" | "assert" }
>;

function executeSimple(machine: Machine, statement: SimpleKind, scope: Scope): void {
  switch (statement.kind) {
    case "expression":
      machine.evaluate(statement.value, scope);
      return;
    case "assign": {
      const value = machine.evaluate(statement.value, scope);
      for (const target of statement.targets) assignTo(machine, target, value, scope);
      return;
    }
    case "annotated":
      if (statement.value !== null)
        assignTo(machine, statement.target, machine.evaluate(statement.value, scope), scope);
      if (scope.kind === "class" && statement.target.kind === "name") annotate(machine, statement.target.name, scope);
      return;
    case "augmented":
      executeAugmented(machine, statement, scope);
      return;
    case "function":
      setName(machine, statement.name, functionOf(machine, statement, scope), scope);
      return;
    case "class":
      setName(
        machine,
        statement.name,
        decorate(machine, defineClass(machine, statement, scope), statement.decorators, scope),
        scope,
      );
      return;
    case "import":
    case "importFrom":
      executeImport(machine, statement, scope);
      return;
    case "scope":
      for (const name of statement.names) {
        const target = statement.type === "global" ? globalScope(scope) : nonlocalScope(scope, name);
        if (target !== null) scope.redirected.set(name, target);
      }
      return;
    case "delete":
      for (const target of statement.targets) deleteTarget(machine, target, scope);
      return;
    case "unsupported":
      machine.report(unknown(unfollowed(statement.reason), rangeIn(scope, statement)));
      return;
    case "pass":
    case "break":
    case "continue":
      return;
  }
}

/**
 * The annotated names of a class in order, which data classes are made of. What they are annotated with is not read.
 */
function annotate(machine: Machine, name: string, scope: Scope): void {
  const known = scope.variables.get("__annotations__");
  const annotations = known?.kind === "dict" ? known : dict();
  if (known !== annotations) machine.journal.setVariable(scope.variables, "__annotations__", annotations);
  machine.journal.beforeDict(annotations);
  annotations.entries.set(dictKey(string(name)) ?? "", { key: string(name), value: none });
}

function functionOf(machine: Machine, statement: FunctionStatement, scope: Scope): Value {
  return decorate(
    machine,
    defineFunction(machine, statement, scope, scope.kind === "class" ? scope.owner : null),
    statement.decorators,
    scope,
  );
}

function executeIf(machine: Machine, statement: IfStatement, from: number, scope: Scope): Completion {
  if (!machine.budget.enter()) return { kind: "raise", reason: tooDeep(machine, rangeIn(scope, statement)) };
  const completion = executeBranches(machine, statement, from, scope);
  machine.budget.leave();
  return completion;
}

function executeBranches(machine: Machine, statement: IfStatement, from: number, scope: Scope): Completion {
  for (let index = from; index < statement.branches.length; index++) {
    const branch = statement.branches[index];
    if (branch === undefined) break;
    const truth = machine.decide(machine.evaluate(branch.test, scope), branch.test, scope);
    if (truth === true) return execute(machine, branch.body, scope);
    if (truth === false) continue;
    const { results, differs } = machine.journal.join(
      [
        () => outcome(execute(machine, branch.body, scope)),
        () => outcome(executeIf(machine, statement, index + 1, scope)),
      ],
      truth,
    );
    if (differs) machine.report(truth);
    return joinCompletions(results, truth);
  }
  return execute(machine, statement.otherwise, scope);
}

/** An assertion that is not known to fail is taken to be true: a model that exists has passed it. */
function executeAssert(machine: Machine, statement: AssertStatement, scope: Scope): Completion {
  const test = machine.evaluate(statement.test, scope);
  const truth = truthOf(test, rangeIn(scope, statement));
  return truth === false && !isAssumed(test)
    ? { kind: "raise", reason: unknown("this assertion fails", rangeIn(scope, statement)) }
    : normal;
}

/** `x += y`: lists and tensors change in place. What `x[i] += y` changes is `x`, which the assignment says. */
function executeAugmented(machine: Machine, statement: AugmentedStatement, scope: Scope): void {
  const range = rangeIn(scope, statement);
  const current = machine.evaluate(statement.target, scope);
  const value = machine.evaluate(statement.value, scope);
  const change = changingMethod(current, statement.operator);
  if (change !== null) {
    machine.call(method(current, change), { positional: [value], keywords: new Map(), taint: null }, range);
    return;
  }
  const isInPlace = current.kind === "tensor" && statement.target.kind !== "subscript";
  const result = isInPlace
    ? machine.library.tensorAugmented(machine, statement.operator, [current, value], range)
    : operate(machine, statement.operator, [current, value], range);
  assignTo(machine, statement.target, result, scope);
}

/** The method that does what `x += y` does to `x` itself; null where a new value takes its place. */
function changingMethod(value: Value, operator: string): string | null {
  if (value.kind === "list" && operator === "+") return "extend";
  if (value.kind === "dict" && operator === "|") return "update";
  if (value.kind === "set") return SET_METHODS[operator] ?? null;
  const container = value.kind === "instance" ? value.module?.container : null;
  return operator === "+" && (container === "list" || container === "sequential") ? "extend" : null;
}

const SET_METHODS: Readonly<Record<string, string>> = {
  "|": "update",
  "&": "intersection_update",
  "-": "difference_update",
  "^": "symmetric_difference_update",
};

/**
 * The body is taken to succeed when nothing in it raises; each handler is something that may have run instead.
 */
function executeTry(machine: Machine, statement: TryStatement, scope: Scope): Completion {
  const reason = unknown("an exception may have been caught here", rangeIn(scope, statement));
  const body = (): Completion => {
    const completion = execute(machine, statement.body, scope);
    return completion.kind === "normal" ? execute(machine, statement.otherwise, scope) : completion;
  };
  const handlers = statement.handlers.map((handler) => (): Completion => {
    if (handler.name !== null) setName(machine, handler.name, reason, scope);
    return execute(machine, handler.body, scope);
  });
  const branches = [body, ...handlers];
  const { results, differs } =
    handlers.length === 0 || importsInstalled(statement.body)
      ? { results: [body()], differs: false }
      : machine.journal.join(
          branches.map((branch) => () => outcome(branch())),
          reason,
        );
  if (differs) machine.report(reason);
  const completion = joinCompletions(results, reason);
  const final = execute(machine, statement.finalBody, scope);
  return final.kind === "normal" ? completion : final;
}

/** `try: import tensorflow as tf; has_tf = True`: a file about a framework is run where that is installed. */
function importsInstalled(body: Block): boolean {
  const modules = body.flatMap((statement) =>
    statement.kind === "import"
      ? statement.names.map(({ name }) => name)
      : statement.kind === "importFrom" && statement.level === 0
        ? [statement.module]
        : [],
  );
  const isPlain = body.every(({ kind }) => kind === "import" || kind === "importFrom" || kind === "assign");
  return isPlain && modules.length > 0 && modules.every(isLibrary);
}

function executeWith(machine: Machine, statement: WithStatement, scope: Scope): Completion {
  for (const item of statement.items) {
    const value = machine.evaluate(item.context, scope);
    const entered =
      value.kind === "unknown" || value.kind === "file"
        ? value
        : unknown("NormLens does not follow the value of this with statement", rangeIn(scope, item.context));
    if (item.target !== null) assignTo(machine, item.target, entered, scope);
  }
  return execute(machine, statement.body, scope);
}

/** Which case is taken is not known; each may be, or none. */
function executeMatch(machine: Machine, statement: Extract<Statement, { kind: "match" }>, scope: Scope): Completion {
  machine.evaluate(statement.subject, scope);
  const reason = unknown("NormLens does not follow a match statement", rangeIn(scope, statement));
  const cases = statement.cases.map((branch) => () => {
    for (const name of branch.captures) setName(machine, name, reason, scope);
    return outcome(execute(machine, branch.body, scope));
  });
  const { results, differs } = machine.journal.join([...cases, () => outcome(normal)], reason);
  if (differs) machine.report(reason);
  return joinCompletions(results, reason);
}
