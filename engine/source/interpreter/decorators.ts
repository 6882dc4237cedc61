import type { Expression } from "../../python/expressions";
import { dataclassOf } from "./dataclass";
import { noArguments, type CallArguments, type Machine } from "./machine";
import { rangeIn } from "./scope";
import { evaluateArguments } from "./spread";
import { unknown } from "./newValues";
import type { Scope, Value } from "./values";

/** Decorators that do not change what a class or function computes. */
const TRANSPARENT = new RegExp(
  "^(tensorflow\\.(function|autograph\\.[\\w.]+|Module\\.with_name_scope)|" +
    "keras\\.(saving|utils)\\.(register_keras_serializable|track_tf1_style_variables)|" +
    "keras\\.api_export\\.keras_export|torch\\.(no_grad|inference_mode|jit\\.\\w+|autograd\\.\\w+|" +
    "compiler\\.\\w+)|typing\\.\\w+|typing_extensions\\.\\w+|abc\\.\\w+)$",
);

const BINDINGS: Readonly<Record<string, "static" | "class" | "property">> = {
  "builtins.staticmethod": "static",
  "builtins.classmethod": "class",
  "builtins.property": "property",
  "functools.cached_property": "property",
};

/** Steps of one decorator: those that write documentation for a class take as many as the rest of a file. */
const MOST_STEPS = 20_000;

/** Applies decorators, the last one first. */
export function decorate(machine: Machine, definition: Value, decorators: readonly Expression[], scope: Scope): Value {
  let value = definition;
  for (const decorator of [...decorators].reverse()) value = applyDecorator(machine, value, decorator, scope);
  return value;
}

function applyDecorator(machine: Machine, value: Value, decorator: Expression, scope: Scope): Value {
  const range = rangeIn(scope, decorator);
  // `@torch.no_grad()` and `@functools.wraps(f)` are calls of something transparent.
  const called =
    decorator.kind === "call" ? machine.evaluate(decorator.callee, scope) : machine.evaluate(decorator, scope);
  if (called.kind === "library") {
    const binding = decorator.kind === "call" ? undefined : BINDINGS[called.path];
    if (binding !== undefined)
      return value.kind === "function"
        ? { ...value, binding }
        : unknown("NormLens does not follow this decorator", range);
    if (called.path === "functools.wraps") return wrapping(machine, value, decorator, scope);
    if (called.path === "dataclasses.dataclass")
      return dataclassOf(value, argumentsOf(machine, decorator, scope), scope, range);
    // A library registers a class, or documents it.
    return TRANSPARENT.test(called.path) || value.kind === "class"
      ? value
      : unknown(`NormLens does not follow the decorator ${called.path}`, range);
  }
  let result = value;
  const stopped = machine.budget.within(MOST_STEPS, () => {
    const applied = decorator.kind === "call" ? machine.evaluate(decorator, scope) : called;
    result = machine.call(applied, { positional: [value], keywords: new Map(), taint: null }, range);
  });
  if (stopped === null) return result;
  machine.frozen.push(stopped);
  return unknown("the decorator takes too many steps to follow", range);
}

function argumentsOf(machine: Machine, decorator: Expression, scope: Scope): CallArguments {
  return decorator.kind === "call" ? evaluateArguments(machine, decorator.arguments, scope) : noArguments;
}

/** `@functools.wraps(f)` gives the wrapper the name of `f`, by which functions are registered. */
function wrapping(machine: Machine, value: Value, decorator: Expression, scope: Scope): Value {
  const [wrapped] = argumentsOf(machine, decorator, scope).positional;
  if (value.kind !== "function") return value;
  return wrapped?.kind === "function" ? { ...value, name: wrapped.name, wrapped } : value;
}
