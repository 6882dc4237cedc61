import type { SourceRange } from "../../protocol/modelGraph";
import type { Argument, CallExpression, Expression } from "../../python/expressions";
import { taintContents } from "./taint";
import type { CallArguments, Machine } from "./machine";
import { forced } from "./moduleMembers";
import { lookUp } from "./names";
import { globalScope, rangeIn } from "./scope";
import { elementsOf, pairsOf } from "./truth";
import { isModule, isUnknown } from "./aboutValues";
import { dict, string, unknown } from "./newValues";
import type { Scope, UnknownValue, Value } from "./values";

export function evaluateCall(machine: Machine, expression: CallExpression, scope: Scope): Value {
  const range = rangeIn(scope, expression);
  const { callee } = expression;
  const superCall = callee.kind === "name" && callee.name === "super" && expression.arguments.length === 0;
  if (superCall && !scopeDefines(scope, "super"))
    return implicitSuper(scope) ?? unknown("this super() is outside a method", range);
  if (callee.kind === "name" && callee.name === "eval" && !scopeDefines(scope, "eval"))
    return named(machine, evaluateArguments(machine, expression.arguments, scope).positional[0], scope, range);
  const receiver = callee.kind === "attribute" ? machine.evaluate(callee.object, scope) : null;
  const function_ =
    callee.kind === "attribute" && receiver !== null
      ? machine.attribute(receiver, callee.name, rangeIn(scope, callee))
      : machine.evaluate(callee, scope);
  if (function_.kind === "unknown" && receiver !== null && mayChange(machine, receiver, function_))
    taintContents(machine, receiver, function_);
  if (function_.kind === "library" && function_.path === "builtins.next")
    return firstOf(machine, expression, scope, range);
  if (function_.kind === "library" && function_.path === "builtins.globals") return globalsOf(scope);
  return machine.call(function_, evaluateArguments(machine, expression.arguments, scope), range);
}

/** What a method that is not known may have changed: anything that keeps other values. */
function mayChange({ trace }: Machine, value: Value, method: UnknownValue): boolean {
  if (value.kind === "list" || value.kind === "dict" || value.kind === "set") return true;
  if (!isModule(value)) return false;
  if (value.cls.kind === "library") return value.module.container !== null;
  // A forward pass builds nothing.
  return trace === null && !method.isPlain && value.module.unknowns.length === 0;
}

/** `eval("genotypes." + name)`: a name, or a name with attributes. */
function named(machine: Machine, text: Value | undefined, scope: Scope, range: SourceRange): Value {
  if (text?.kind === "unknown") return text;
  if (text?.kind !== "string" || !/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(text.value))
    return unknown("NormLens does not follow eval() of more than a name", range);
  const [name = "", ...attributes] = text.value.split(".");
  return attributes.reduce(
    (value, attribute) => machine.attribute(value, attribute, range),
    lookUp(machine, name, scope, range),
  );
}

/** `globals()[name]`: the names of the file, as they are now. */
const globalsOf = (scope: Scope): Value =>
  dict([...globalScope(scope).variables].map(([name, value]) => [string(name), forced(value)] as const));

/** `next(x for x in …)` and `next(iter(…))`: of an iterator that was just made, the first element is meant. */
function firstOf(machine: Machine, { arguments: args }: CallExpression, scope: Scope, range: SourceRange): Value {
  const [first, fallback] = args;
  const isNew =
    first?.value.kind === "comprehension" ||
    (first?.value.kind === "call" && first.value.callee.kind === "name" && first.value.callee.name === "iter");
  const source = first?.value.kind === "call" ? first.value.arguments[0]?.value : first?.value;
  if (!isNew || source === undefined)
    return unknown("NormLens does not follow next() of an iterator that is in use", range);
  const elements = elementsOf(machine.evaluate(source, scope), range);
  if (isUnknown(elements)) return elements;
  const otherwise =
    fallback === undefined
      ? unknown("this iterator has no next element (Python raises StopIteration)", range)
      : machine.evaluate(fallback.value, scope);
  return elements[0] ?? otherwise;
}

function scopeDefines(scope: Scope, name: string): boolean {
  for (let current: Scope | null = scope; current !== null; current = current.parent) {
    if (current.variables.has(name)) return true;
  }
  return false;
}

/** `super()` means the class whose body defines the function, also from a lambda or comprehension in it. */
function implicitSuper(scope: Scope): Value | null {
  for (let current: Scope | null = scope; current !== null; current = current.parent) {
    if (current.owner !== null && current.self !== null)
      return { kind: "super", self: current.self, after: current.owner };
  }
  return null;
}

export function evaluateArguments(machine: Machine, args: readonly Argument[], scope: Scope): CallArguments {
  const positional: Value[] = [];
  const keywords = new Map<string, Value>();
  let taint: UnknownValue | null = null;
  let isOpen = false;
  for (const arg of args) {
    const value = machine.evaluate(arg.value, scope);
    const range = rangeIn(scope, arg.value);
    if (arg.kind === "positional") positional.push(value);
    else if (arg.kind === "keyword") keywords.set(arg.name, value);
    else if (arg.kind === "star") {
      const elements = elementsOf(value, range);
      if (!isUnknown(elements)) positional.push(...elements);
      else taint ??= elements;
    } else {
      isOpen ||= value.kind === "open" || (value.kind === "dict" && value.isOpen === true);
      taint ??= spreadKeywords(value, keywords, rangeIn(scope, arg.value));
    }
  }
  return { positional, keywords, taint, isOpen };
}

function spreadKeywords(
  value: Value,
  into: Map<string, Value>,
  range: Parameters<typeof pairsOf>[1],
): UnknownValue | null {
  const pairs = pairsOf(value, range);
  if (isUnknown(pairs)) return pairs;
  for (const [key, item] of pairs) {
    if (key.kind !== "string") return unknown("the names of these keyword arguments are not strings", range);
    into.set(key.value, item);
  }
  return null;
}

/** The elements of a list display, `*x` spread; the unknown in their place when one cannot be. */
export function spreadElements(
  machine: Machine,
  elements: readonly Expression[],
  scope: Scope,
): readonly Value[] | UnknownValue {
  const result: Value[] = [];
  let taint: UnknownValue | null = null;
  for (const element of elements) {
    if (element.kind !== "starred") {
      result.push(machine.evaluate(element, scope));
      continue;
    }
    const spread = elementsOf(machine.evaluate(element.value, scope), rangeIn(scope, element));
    if (!isUnknown(spread)) result.push(...spread);
    else taint ??= spread;
  }
  return taint ?? result;
}
