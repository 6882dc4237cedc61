import type { SourceRange } from "../../protocol/modelGraph";
import { bindArguments } from "../../python/argumentBinding";
import type { Expression, LambdaExpression, Parameter } from "../../python/expressions";
import type { FunctionStatement } from "../../python/statements";
import { startValue } from "./dataclass";
import type { CallArguments, Machine } from "./machine";
import { createScope, rangeIn } from "./scope";
import { assume, likely } from "./openValues";
import { sameValue } from "./aboutValues";
import { dict, none, string, tuple, unknown } from "./newValues";
import type { Scope, ClassValue, FunctionValue, UnknownValue, Value } from "./values";

export function defineFunction(
  machine: Machine,
  statement: FunctionStatement,
  scope: Scope,
  owner: ClassValue | null,
): FunctionValue {
  return {
    kind: "function",
    name: statement.name,
    parameters: statement.parameters,
    defaults: evaluateDefaults(machine, statement.parameters, scope),
    body: statement.body,
    closure: scope,
    owner,
    binding: "instance",
    isAsync: statement.isAsync,
    range: rangeIn(scope, statement),
  };
}

export function defineLambda(machine: Machine, expression: LambdaExpression, scope: Scope): FunctionValue {
  return {
    kind: "function",
    name: "<lambda>",
    parameters: expression.parameters,
    defaults: evaluateDefaults(machine, expression.parameters, scope),
    body: expression.body,
    closure: scope,
    owner: null,
    binding: "instance",
    isAsync: false,
    range: rangeIn(scope, expression),
  };
}

function evaluateDefaults(machine: Machine, parameters: readonly Parameter[], scope: Scope): Map<string, Value> {
  const defaults = new Map<string, Value>();
  for (const parameter of parameters) {
    if (parameter.defaultValue !== null) defaults.set(parameter.name, machine.evaluate(parameter.defaultValue, scope));
  }
  return defaults;
}

/** Calls a function of the user's. `self` is passed in front of the arguments. */
export function callFunction(
  machine: Machine,
  callee: FunctionValue,
  self: Value | null,
  args: CallArguments,
  range: SourceRange,
): Value {
  const positional = self === null ? args.positional : [self, ...args.positional];
  const bound = boundVariables(callee, { ...args, positional }, range);
  if (!(bound instanceof Map)) return failed(machine, bound);
  if (callee.isAsync) return failed(machine, unknown(`${callee.name} is asynchronous`, range));
  const scope = createScope("function", callee.closure, callee.closure.file, {
    owner: callee.owner,
    self: positional[0] ?? null,
  });
  machine.journal.created(scope.variables);
  for (const [name, value] of bound) scope.variables.set(name, startValue(machine, value, range));
  if (!machine.budget.enterCall()) {
    const reason = unknown(`calls of ${callee.name} are nested too deeply to follow`, range);
    machine.budget.exceeded ??= reason;
    return reason;
  }
  const { frame } = machine;
  machine.frame = {
    function: callee.owner === null ? callee.name : `${callee.owner.name}.${callee.name}`,
    calledAt: range,
    caller: frame,
  };
  const result = atSite(callee, range, () => runBody(machine, callee, scope));
  machine.frame = frame;
  machine.budget.leaveCall();
  return result;
}

/** What a function of a file that is not the user's makes stands where the user's file calls it. */
function atSite<T>(callee: FunctionValue, range: SourceRange, run: () => T): T {
  const { site } = callee.closure.file;
  if (site === undefined) return run();
  const before = site.range;
  site.range = range;
  const result = run();
  site.range = before;
  return result;
}

function failed(machine: Machine, reason: UnknownValue): UnknownValue {
  machine.report(reason);
  return reason;
}

function runBody(machine: Machine, callee: FunctionValue, scope: Scope): Value {
  if (isExpression(callee.body)) return machine.evaluate(callee.body, scope);
  const completion = machine.execute(callee.body, scope);
  switch (completion.kind) {
    case "return":
      return completion.value;
    case "raise":
      return failed(machine, completion.reason);
    case "maybe":
      // Falling off the end returns None.
      return completion.value === null || sameValue(completion.value, none) ? none : completion.reason;
    default:
      return none;
  }
}

function isExpression(body: FunctionValue["body"]): body is Expression {
  return !Array.isArray(body);
}

/** A rate whose default is 0 is off unless somebody gives it. */
const isOff = (value: Value): boolean => (value.kind === "int" || value.kind === "float") && value.value === 0;

/** The variables a call starts with; a mistake that Python would raise a TypeError for is an unknown saying so. */
function boundVariables(
  callee: FunctionValue,
  args: CallArguments,
  range: SourceRange,
): Map<string, Value> | UnknownValue {
  if (args.taint !== null) return args.taint;
  const { given, missing, rest, extra } = bindArguments(callee.parameters, args);
  const bound = new Map(given);
  for (const { name } of missing) {
    const fallback = callee.defaults.get(name);
    if (fallback === undefined && args.isOpen === true) bound.set(name, likely(name, range));
    if (fallback === undefined && args.isOpen !== true)
      return { ...unknown(`${callee.name} needs the argument ${name}`, range), remedy: "argument" };
    if (fallback !== undefined) bound.set(name, args.isOpen === true && !isOff(fallback) ? assume(fallback) : fallback);
  }
  const [unexpected] = extra.keywords.keys();
  if (unexpected !== undefined)
    return unknown(`${callee.name} has no argument ${unexpected} (Python raises a TypeError)`, range);
  if (extra.positional.length > 0)
    return unknown(`${callee.name} takes fewer positional arguments (Python raises a TypeError)`, range);
  if (rest.positional !== null) bound.set(rest.positional.parameter.name, tuple(rest.positional.values));
  if (rest.keywords !== null)
    bound.set(rest.keywords.parameter.name, {
      ...dict([...rest.keywords.values].map(([name, value]) => [string(name), value] as const)),
      ...(args.isOpen === true ? { isOpen: true } : {}),
    });
  return bound;
}
