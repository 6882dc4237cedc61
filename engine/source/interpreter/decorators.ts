import type { Expression } from "../python/ast";
import type { Machine } from "./machine";
import { rangeIn } from "./scope";
import { type Scope, unknown, type Value } from "./values";

/** Decorators that do not change what a class or function computes. */
const TRANSPARENT = /^(torch\.(no_grad|inference_mode|jit\.\w+|autograd\.\w+|compiler\.\w+)|functools\.wraps|typing\.\w+|typing_extensions\.\w+|abc\.\w+)$/;

const BINDINGS: Readonly<Record<string, "static" | "class" | "property">> = {
  "builtins.staticmethod": "static",
  "builtins.classmethod": "class",
  "builtins.property": "property",
  "functools.cached_property": "property",
};

/** Applies decorators, the last one first. */
export function decorate(machine: Machine, definition: Value, decorators: readonly Expression[], scope: Scope): Value {
  let value = definition;
  for (const decorator of [...decorators].reverse()) value = applyDecorator(machine, value, decorator, scope);
  return value;
}

function applyDecorator(machine: Machine, value: Value, decorator: Expression, scope: Scope): Value {
  const range = rangeIn(scope, decorator);
  // `@torch.no_grad()` and `@functools.wraps(f)` are calls of something transparent.
  const called = decorator.kind === "call" ? machine.evaluate(decorator.callee, scope) : machine.evaluate(decorator, scope);
  if (called.kind === "library") {
    const binding = decorator.kind === "call" ? undefined : BINDINGS[called.path];
    if (binding !== undefined) return value.kind === "function" ? { ...value, binding } : unknown("a decorator on this", range);
    return TRANSPARENT.test(called.path) ? value : unknown(`the decorator ${called.path} is not read`, range);
  }
  const applied = decorator.kind === "call" ? machine.evaluate(decorator, scope) : called;
  return machine.call(applied, { positional: [value], keywords: new Map(), taint: null }, range);
}
