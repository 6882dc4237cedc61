/** Statements: every way through a branch is followed from the same state, and the ways are joined. */
import type { Expression } from "../../../source/python/expressions";
import type { Block, ConditionalBlock, IfStatement, Statement, TryStatement } from "../../../source/python/statements";
import { attributesIn, dottedName, namesIn } from "../../python/walk";
import { classFrom } from "./classes";
import { truthOf } from "./conditions";
import { guardsOf } from "./guards";
import { importStatement } from "./imports";
import { followFor, followWhile } from "./loops";
import type { Completion, EnclosingTest, Exit, Machine } from "./machine";
import type { Way } from "./store";
import { isLastRound, isOffByDefault, partsIn, periodOf } from "./testKinds";
import { constant, external, optionsOf, type Guard, type Scope, type Value } from "./values";
import { followWith } from "./withStatement";

export function executeBlock(machine: Machine, block: Block, scope: Scope): Completion {
  const outside = machine.tests.length;
  let completion: Completion = "normal";
  for (const statement of block) {
    if (!machine.spend()) return "raise";
    completion = executeStatement(machine, statement, scope);
    if (completion !== "normal") break;
    const test = skipTest(machine, statement, scope);
    if (test !== null) machine.tests.push(test);
  }
  machine.tests.length = outside;
  return completion;
}

/** After `if step % k: continue` the rest of the round stands under that test. */
function skipTest(machine: Machine, statement: Statement, scope: Scope): EnclosingTest | null {
  const [first, ...others] = statement.kind === "if" ? statement.branches : [];
  if (first === undefined || others.length > 0 || first.body.at(-1)?.kind !== "continue") return null;
  const period = periodOf(machine, first.test, scope);
  return period === undefined
    ? null
    : {
        test: first.test,
        file: scope.file,
        loops: machine.loops.length,
        sorts: false,
        isOpen: true,
        isOffByDefault: false,
        period,
      };
}

function executeStatement(machine: Machine, statement: Statement, scope: Scope): Completion {
  switch (statement.kind) {
    case "expression":
      machine.evaluate(statement.value, scope);
      return endsProcess(statement.value) ? "raise" : "normal";
    case "assign": {
      const value = machine.evaluate(statement.value, scope);
      for (const target of statement.targets) machine.assign(target, value, scope);
      return "normal";
    }
    case "annotated":
      if (statement.value !== null) machine.assign(statement.target, machine.evaluate(statement.value, scope), scope);
      return "normal";
    case "augmented":
      augment(machine, statement.target, statement.operator, statement.value, scope);
      return "normal";
    case "return":
      leave(machine, "return", statement.value === null ? constant(null) : machine.evaluate(statement.value, scope));
      return "return";
    case "pass":
      return "normal";
    case "break":
    case "continue":
      leave(machine, statement.kind, null);
      return statement.kind;
    case "raise":
      return "raise";
    case "if":
      return followIf(machine, statement, scope);
    case "for":
      return followFor(machine, statement, scope);
    case "while":
      return followWhile(machine, statement, scope);
    case "try":
      return followTry(machine, statement, scope);
    case "with":
      return followWith(machine, statement, scope);
    case "match":
      return followWays(
        machine,
        statement.cases.map(({ body }) => ({ body, guards: [] })),
        scope,
        true,
      );
    case "import":
    case "importFrom":
      importStatement(machine, statement, scope);
      return "normal";
    case "function":
      define(machine, statement, scope);
      return "normal";
    case "class":
      machine.store.set(scope.vars, statement.name, classFrom(machine, statement, scope));
      return "normal";
    case "scope":
      for (const name of statement.names) scope.outer.add(name);
      return "normal";
    default:
      return "normal";
  }
}

function define(machine: Machine, node: Extract<Statement, { kind: "function" }>, scope: Scope): void {
  let value: Value = { kind: "function", node, scope, owner: null, self: null };
  for (const decorator of [...node.decorators].reverse()) {
    const wrapper = machine.evaluate(decorator, scope);
    if (wrapper.kind === "function")
      value = machine.call(
        wrapper,
        { positional: [value], keyword: new Map(), isComplete: true, nodes: [] },
        { file: scope.file, from: decorator.from, to: decorator.to },
      );
  }
  machine.store.set(scope.vars, node.name, value);
}

/** `x += y`: lists grow, parameters of a network are written, everything else is computed anew. */
function augment(machine: Machine, target: Expression, operator: string, valueNode: Expression, scope: Scope): void {
  const value = machine.evaluate(valueNode, scope);
  const before = machine.evaluate(target, scope);
  for (const option of optionsOf(before)) {
    if (option.kind === "object" && option.type === "list" && operator === "+") {
      for (const added of optionsOf(value)) {
        if (added.kind === "object")
          for (const element of added.fields.values())
            machine.store.set(option.fields, String(option.fields.size), element);
      }
      return;
    }
    if (option.kind === "part") return;
  }
  const isNumber = before.kind === "constant" || before.kind === "unknown";
  const after =
    value.kind === "tensor" || before.kind === "tensor"
      ? machine.tensor([before, value])
      : isNumber
        ? machine.fresh()
        : machine.fresh([], [before, value]);
  machine.assign(target, after, scope);
}

function leave(machine: Machine, kind: Exit["kind"], value: Value | null): void {
  const depth = kind === "return" ? machine.functionDepth : machine.loopDepth;
  machine.exits.push({ kind, value, changes: machine.store.changesSince(depth) });
}

function endsProcess(expression: Expression): boolean {
  return expression.kind === "call" && /^(sys\.exit|exit|quit|os\._exit)$/.test(dottedName(expression.callee) ?? "");
}

interface Branch {
  readonly body: Block;
  readonly guards: readonly Guard[];
  readonly test?: Expression;
  readonly isOff?: boolean;
  readonly isOfLastRound?: boolean;
}

function followIf(machine: Machine, statement: IfStatement, scope: Scope): Completion {
  const [first] = statement.branches;
  const parts = first === undefined ? [] : partsIn(first.test, scope);
  if (first !== undefined && parts.length > 0) return followEachPart(machine, statement, first, parts, scope);
  const branches: Branch[] = [];
  const negated: Guard[] = [];
  const tests: { test: Expression; isOff: boolean }[] = [];
  for (const { test, body } of statement.branches) {
    const truth = truthOf(machine, test, scope);
    if (truth === false) continue;
    const isOff = truth === null && isOffByDefault(machine, test, scope);
    branches.push({
      body,
      guards: [...negated, ...(truth === null ? guardsOf(machine, test, true, scope) : [])],
      test,
      isOff,
      isOfLastRound: truth === null && isLastRound(machine, test, scope),
    });
    if (truth === true) return followWays(machine, branches, scope, branches.length > 1);
    negated.push(...guardsOf(machine, test, false, scope));
    tests.push({ test, isOff });
  }
  const [alone] = tests;
  const rest: Branch = {
    body: statement.otherwise,
    guards: negated,
    ...(alone === undefined || statement.otherwise.length === 0 ? {} : { test: alone.test }),
  };
  if (branches.length > 1 && statement.otherwise.length === 0 && coversAll(statement))
    return followWays(machine, branches, scope, true);
  return followWays(machine, [...branches, rest], scope, branches.length > 0);
}

/** `if arch == "a": ... elif arch == "b": ...` without an else: one of them is what people pass. */
function coversAll({ branches }: IfStatement): boolean {
  const [first, ...others] = branches.map(
    ({ test }) =>
      new Set(
        namesIn(test)
          .map(({ name }) => name)
          .concat(attributesIn(test).map(({ name }) => name)),
      ),
  );
  return (
    first !== undefined &&
    branches.every(({ test }) => test.kind === "compare" || test.kind === "call") &&
    [...first].some((name) => name !== "self" && others.every((names) => names.has(name)))
  );
}

function followWays(machine: Machine, branches: readonly Branch[], scope: Scope, isOpen: boolean): Completion {
  const ways: (Way & { completion: Completion })[] = branches.map((branch) => {
    let completion: Completion = "normal";
    const changes = machine.store.follow(() => {
      completion = followBranch(machine, branch, scope, isOpen);
      if (completion !== "normal" || branch.isOfLastRound !== true) return;
      leave(machine, "break", null);
      completion = "break";
    });
    return { completion, changes, guards: branch.guards };
  });
  const live = ways.filter(({ completion }) => completion === "normal");
  if (live.length === 0) return ways[0]?.completion ?? "normal";
  machine.store.join(live);
  return "normal";
}

function followBranch(
  machine: Machine,
  { body, guards, test, isOff }: Branch,
  scope: Scope,
  isOpen: boolean,
): Completion {
  machine.assumptions.push(...guards);
  if (test !== undefined)
    machine.tests.push({
      test,
      file: scope.file,
      loops: machine.loops.length,
      sorts: false,
      isOpen,
      isOffByDefault: isOff === true,
      period: periodOf(machine, test, scope),
    });
  const completion = executeBlock(machine, body, scope);
  if (test !== undefined) machine.tests.pop();
  machine.assumptions.length -= guards.length;
  return completion;
}

/** A test about single layers sorts them: each branch is taken, by some of them. */
function followEachPart(
  machine: Machine,
  statement: IfStatement,
  first: ConditionalBlock,
  parts: ReturnType<typeof partsIn>,
  scope: Scope,
): Completion {
  const text = scope.file.text.slice(first.test.from, first.test.to);
  const isNegative = /\bnot\b|!=(?!\s*-1)|==\s*-1/.test(text);
  const saysNorm = /norm|bn/i.test(text);
  // What one branch binds anew for its layers, the others keep.
  const before = [...scope.vars].filter(([, value]) => value.kind === "part");
  const follow = (body: Block, isNorm: boolean | null): void => {
    for (const { name, part } of parts)
      if (part.what === "modules" && part.isNorm === null) machine.store.set(scope.vars, name, { ...part, isNorm });
    executeBlock(machine, body, scope);
    for (const [name, value] of before) machine.store.set(scope.vars, name, value);
  };
  machine.tests.push({
    test: first.test,
    file: scope.file,
    loops: machine.loops.length,
    sorts: true,
    isOpen: false,
    isOffByDefault: false,
    period: undefined,
  });
  follow(first.body, saysNorm ? !isNegative : isNegative ? null : false);
  machine.tests.pop();
  const others = saysNorm ? isNegative : null;
  for (const branch of statement.branches.slice(1)) follow(branch.body, others);
  follow(statement.otherwise, others);
  return "normal";
}

/** A handler runs after any part of the body; what it finds is the state before it. */
function followTry(machine: Machine, statement: TryStatement, scope: Scope): Completion {
  const ways: Way[] = [];
  const known = machine.exits.length;
  let completion: Completion = "normal";
  const changes = machine.store.follow(() => {
    completion = executeBlock(machine, statement.body, scope);
    if (completion === "normal") completion = executeBlock(machine, statement.otherwise, scope);
  });
  if (completion === "normal") ways.push({ changes, guards: [] });
  const isImport = statement.body.every(({ kind }) => kind === "import" || kind === "importFrom");
  for (const handler of isImport && ways.length > 0 ? [] : statement.handlers) {
    let end: Completion = "normal";
    const after = machine.store.follow(() => {
      if (handler.name !== null) machine.store.set(scope.vars, handler.name, external("builtins.Exception"));
      end = executeBlock(machine, handler.body, scope);
    });
    if (end === "normal" && !(ways.length > 0 && handler.body.every(({ kind }) => kind === "pass")))
      ways.push({ changes: after, guards: [] });
  }
  for (let index = known; index < machine.exits.length; index++)
    machine.exits[index] = finished(machine, machine.exits[index]!, statement.finalBody, scope);
  if (ways.length > 0) machine.store.join(ways);
  const last = executeBlock(machine, statement.finalBody, scope);
  return last !== "normal" ? last : ways.length > 0 ? "normal" : completion;
}

/** A way out passes through `finally`. */
function finished(machine: Machine, exit: Exit, finalBody: Block, scope: Scope): Exit {
  if (finalBody.length === 0) return exit;
  let changes = exit.changes;
  machine.store.follow(() => {
    machine.store.join([{ changes: exit.changes, guards: [] }]);
    executeBlock(machine, finalBody, scope);
    changes = machine.store.changesSince(exit.kind === "return" ? machine.functionDepth : machine.loopDepth);
  });
  return { ...exit, changes };
}
