/** Statements: every way through a branch is followed from the same state, and the ways are joined. */
import type { Expression } from "../python/expressions";
import type { Block, IfStatement, Statement, TryStatement } from "../python/statements";
import { attributesIn, dottedName, namesIn } from "../python/walk";
import { classFrom } from "./tracedClasses";
import { truthOf } from "./conditions";
import { guardsOf } from "./guards";
import { followImport } from "./followImport";
import { followFor, followWhile } from "./followLoop";
import type { Ending, EnclosingTest, Exit, Tracing } from "./tracing";
import type { Way } from "./store";
import { chained } from "./followExpression";
import { followEachPart } from "./sortedParts";
import { isLastRound, isOffByDefault, partsIn, periodOf } from "./testKinds";
import { transfer } from "./weights";
import { NO_ARGS, constant, external, optionsOf, type Guard, type TracedScope, type TracedValue } from "./tracedValues";
import { followWith } from "./withStatement";

export function executeBlock(tracing: Tracing, block: Block, scope: TracedScope): Ending {
  const outside = tracing.tests.length;
  let completion: Ending = "normal";
  for (const statement of block) {
    if (!tracing.spend()) return "raise";
    completion = executeStatement(tracing, statement, scope);
    if (completion !== "normal") break;
    const test = skipTest(tracing, statement, scope);
    if (test !== null) tracing.tests.push(test);
  }
  tracing.tests.length = outside;
  return completion;
}

/** After `if step % k: continue` the rest of the round stands under that test. */
function skipTest(tracing: Tracing, statement: Statement, scope: TracedScope): EnclosingTest | null {
  const [first, ...others] = statement.kind === "if" ? statement.branches : [];
  if (first === undefined || others.length > 0 || first.body.at(-1)?.kind !== "continue") return null;
  const period = periodOf(tracing, first.test, scope);
  return period === undefined
    ? null
    : {
        test: first.test,
        file: scope.file,
        loops: tracing.loops.length,
        sorts: false,
        isOpen: true,
        isOffByDefault: false,
        period,
      };
}

function executeStatement(tracing: Tracing, statement: Statement, scope: TracedScope): Ending {
  switch (statement.kind) {
    case "expression":
      tracing.evaluate(statement.value, scope);
      return endsProcess(statement.value) ? "raise" : "normal";
    case "assign": {
      const value = tracing.evaluate(statement.value, scope);
      for (const target of statement.targets) tracing.assign(target, value, scope);
      return "normal";
    }
    case "annotated":
      if (statement.value !== null) tracing.assign(statement.target, tracing.evaluate(statement.value, scope), scope);
      return "normal";
    case "augmented":
      augment(tracing, statement.target, statement.operator, statement.value, scope);
      return "normal";
    case "return":
      leave(tracing, "return", statement.value === null ? constant(null) : tracing.evaluate(statement.value, scope));
      return "return";
    case "pass":
      return "normal";
    case "break":
    case "continue":
      leave(tracing, statement.kind, null);
      return statement.kind;
    case "raise":
      return "raise";
    case "if":
      return followIf(tracing, statement, scope);
    case "for":
      return followFor(tracing, statement, scope);
    case "while":
      return followWhile(tracing, statement, scope);
    case "try":
      return followTry(tracing, statement, scope);
    case "with":
      return followWith(tracing, statement, scope);
    case "match":
      return followWays(
        tracing,
        statement.cases.map(({ body }) => ({ body, guards: [] })),
        scope,
        true,
      );
    case "import":
    case "importFrom":
      followImport(tracing, statement, scope);
      return "normal";
    case "function":
      define(tracing, statement, scope);
      return "normal";
    case "class": {
      const cls = classFrom(tracing, statement, scope);
      tracing.store.set(scope.vars, statement.name, decorated(tracing, statement, cls, scope));
      return "normal";
    }
    case "scope":
      for (const name of statement.names) scope.outer.add(name);
      return "normal";
    default:
      return "normal";
  }
}

function define(tracing: Tracing, node: Extract<Statement, { kind: "function" }>, scope: TracedScope): void {
  const value: TracedValue = { kind: "function", node, scope, owner: null, self: null };
  tracing.store.set(scope.vars, node.name, decorated(tracing, node, value, scope));
}

/** What decorators of the project make of it: `@register("deep")` keeps a class in a dict, and gives it back. */
function decorated(
  tracing: Tracing,
  { kind, decorators }: Extract<Statement, { kind: "function" | "class" }>,
  plain: TracedValue,
  scope: TracedScope,
): TracedValue {
  let value = plain;
  for (const decorator of [...decorators].reverse()) {
    const wrapper = tracing.evaluate(decorator, scope);
    if (wrapper.kind !== "function") continue;
    const result = tracing.call(
      wrapper,
      { positional: [value], keyword: new Map(), isComplete: true, nodes: [] },
      { file: scope.file, from: decorator.from, to: decorator.to },
    );
    if (kind === "function" || result.kind === "class") value = result;
  }
  return value;
}

/** `x += y`: lists grow, parameters of a network are written, everything else is computed again. */
function augment(
  tracing: Tracing,
  target: Expression,
  operator: string,
  valueNode: Expression,
  scope: TracedScope,
): void {
  const value = tracing.evaluate(valueNode, scope);
  const before = tracing.evaluate(target, scope);
  for (const option of optionsOf(before)) {
    if (option.kind === "object" && option.type === "list" && operator === "+") {
      for (const added of optionsOf(value)) {
        if (added.kind === "object")
          for (const element of added.fields.values())
            tracing.store.set(option.fields, String(option.fields.size), element);
      }
      return;
    }
    if (option.kind === "part" && option.isGroup && operator === "+") {
      const site = { file: scope.file, from: target.from, to: valueNode.to };
      tracing.assign(target, chained(tracing, [before, value], site), scope);
      return;
    }
    if (option.kind === "part") {
      transfer(
        tracing,
        option,
        { ...NO_ARGS, positional: [option, value] },
        { file: scope.file, from: target.from, to: valueNode.to },
      );
      return;
    }
  }
  const isNumber = before.kind === "constant" || before.kind === "unknown";
  const after =
    value.kind === "tensor" || before.kind === "tensor"
      ? tracing.tensor([before, value])
      : isNumber
        ? tracing.fresh()
        : tracing.fresh([], [before, value]);
  tracing.assign(target, after, scope);
}

function leave(tracing: Tracing, kind: Exit["kind"], value: TracedValue | null): void {
  const depth = kind === "return" ? tracing.functionDepth : tracing.loopDepth;
  tracing.exits.push({ kind, value, changes: tracing.store.changesSince(depth) });
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

function followIf(tracing: Tracing, statement: IfStatement, scope: TracedScope): Ending {
  const [first] = statement.branches;
  const parts = first === undefined ? [] : partsIn(first.test, scope);
  if (first !== undefined && parts.length > 0) {
    followEachPart(tracing, statement, first, parts, scope);
    return "normal";
  }
  const branches: Branch[] = [];
  const negated: Guard[] = [];
  const tests: { test: Expression; isOff: boolean }[] = [];
  for (const { test, body } of statement.branches) {
    const truth = truthOf(tracing, test, scope);
    if (truth === false) continue;
    const isOff = truth === null && isOffByDefault(tracing, test, scope);
    branches.push({
      body,
      guards: [...negated, ...(truth === null ? guardsOf(tracing, test, true, scope) : [])],
      test,
      isOff,
      isOfLastRound: truth === null && isLastRound(tracing, test, scope),
    });
    if (truth === true) return followWays(tracing, branches, scope, branches.length > 1);
    negated.push(...guardsOf(tracing, test, false, scope));
    tests.push({ test, isOff });
  }
  const [alone] = tests;
  const rest: Branch = {
    body: statement.otherwise,
    guards: negated,
    ...(alone === undefined || statement.otherwise.length === 0 ? {} : { test: alone.test }),
  };
  if (branches.length > 1 && statement.otherwise.length === 0 && coversAll(statement))
    return followWays(tracing, branches, scope, true);
  return followWays(tracing, [...branches, rest], scope, branches.length > 0);
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

function followWays(tracing: Tracing, branches: readonly Branch[], scope: TracedScope, isOpen: boolean): Ending {
  const ways: (Way & { completion: Ending })[] = branches.map((branch) => {
    let completion: Ending = "normal";
    const changes = tracing.store.follow(() => {
      completion = followBranch(tracing, branch, scope, isOpen);
      if (completion !== "normal" || branch.isOfLastRound !== true) return;
      leave(tracing, "break", null);
      completion = "break";
    });
    return { completion, changes, guards: branch.guards };
  });
  const live = ways.filter(({ completion }) => completion === "normal");
  if (live.length === 0) return ways[0]?.completion ?? "normal";
  tracing.store.join(live);
  return "normal";
}

function followBranch(
  tracing: Tracing,
  { body, guards, test, isOff }: Branch,
  scope: TracedScope,
  isOpen: boolean,
): Ending {
  tracing.assumptions.push(...guards);
  if (test !== undefined)
    tracing.tests.push({
      test,
      file: scope.file,
      loops: tracing.loops.length,
      sorts: false,
      isOpen,
      isOffByDefault: isOff === true,
      period: periodOf(tracing, test, scope),
    });
  const completion = executeBlock(tracing, body, scope);
  if (test !== undefined) tracing.tests.pop();
  tracing.assumptions.length -= guards.length;
  return completion;
}

/** A handler runs after any part of the body; what it finds is the state before it. */
function followTry(tracing: Tracing, statement: TryStatement, scope: TracedScope): Ending {
  const ways: Way[] = [];
  const known = tracing.exits.length;
  let completion: Ending = "normal";
  const changes = tracing.store.follow(() => {
    completion = executeBlock(tracing, statement.body, scope);
    if (completion === "normal") completion = executeBlock(tracing, statement.otherwise, scope);
  });
  if (completion === "normal") ways.push({ changes, guards: [] });
  const isImport = statement.body.every(({ kind }) => kind === "import" || kind === "importFrom");
  for (const handler of isImport && ways.length > 0 ? [] : statement.handlers) {
    let end: Ending = "normal";
    const after = tracing.store.follow(() => {
      if (handler.name !== null) tracing.store.set(scope.vars, handler.name, external("builtins.Exception"));
      end = executeBlock(tracing, handler.body, scope);
    });
    if (end === "normal" && !(ways.length > 0 && handler.body.every(({ kind }) => kind === "pass")))
      ways.push({ changes: after, guards: [] });
  }
  for (let index = known; index < tracing.exits.length; index++)
    tracing.exits[index] = finished(tracing, tracing.exits[index]!, statement.finalBody, scope);
  if (ways.length > 0) tracing.store.join(ways);
  const last = executeBlock(tracing, statement.finalBody, scope);
  return last !== "normal" ? last : ways.length > 0 ? "normal" : completion;
}

/** A way out passes through `finally`. */
function finished(tracing: Tracing, exit: Exit, finalBody: Block, scope: TracedScope): Exit {
  if (finalBody.length === 0) return exit;
  let changes = exit.changes;
  tracing.store.follow(() => {
    tracing.store.join([{ changes: exit.changes, guards: [] }]);
    executeBlock(tracing, finalBody, scope);
    changes = tracing.store.changesSince(exit.kind === "return" ? tracing.functionDepth : tracing.loopDepth);
  });
  return { ...exit, changes };
}
