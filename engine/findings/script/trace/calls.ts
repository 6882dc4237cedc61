/** Calls: functions of the project are followed, networks are forward passes, libraries have their meaning. */
import type { Parameter } from "../../../source/python/expressions";
import { dottedName } from "../../python/walk";
import { instantiate } from "./classes";
import { callLibrary } from "./library";
import type { Completion, Machine } from "./machine";
import { callMethod } from "./methods";
import { forwardOf } from "./forwards";
import type { Way } from "./store";
import {
  ABSENT,
  constant,
  optionsOf,
  unionOf,
  type Args,
  type FunctionValue,
  type Scope,
  type Site,
  type Value,
} from "./values";
import { combined } from "./evaluate";
import { isGenerator, withoutGradients } from "./withStatement";
import { unreadableCall } from "./unreadable";

const MOST_FRAMES = 24;

export function callValue(machine: Machine, callee: Value, args: Args, site: Site): Value {
  switch (callee.kind) {
    case "function":
      return callFunction(machine, callee, args, site);
    case "partial":
      return machine.call(
        callee.callee,
        {
          ...args,
          positional: [...callee.args.positional, ...args.positional],
          keyword: new Map([...callee.args.keyword, ...args.keyword]),
        },
        site,
      );
    case "class":
      return instantiate(machine, callee, args, site);
    case "external":
      return callLibrary(machine, callee.path, args, site);
    case "method":
      return callMethod(machine, callee.self, callee.name, args, site);
    case "object":
      return callObject(machine, callee, args, site);
    case "union":
      return callEach(machine, callee.options, args, site);
    case "unknown":
      return unreadableCall(machine, callee, null, args, site);
    default:
      return combined(machine, [callee, ...args.positional, ...args.keyword.values()]);
  }
}

function callObject(machine: Machine, callee: Extract<Value, { kind: "object" }>, args: Args, site: Site): Value {
  if (callee.isModule) return forwardOf(machine, callee, args, site);
  const method = callee.cls === null ? null : machine.member(callee.cls, "__call__");
  if (method?.kind === "function") return callFunction(machine, { ...method, self: callee }, args, site);
  return unreadableCall(machine, callee, null, args, site);
}

/** Alternatives that change modes are ways of their own; the alternatives of one network are not: it is the one that is there. */
function callEach(machine: Machine, options: readonly Value[], args: Args, site: Site): Value {
  const callable = options.filter(
    (option) => option !== ABSENT && !(option.kind === "constant" && option.value === null),
  );
  const areFunctions = callable.length > 1 && callable.every(({ kind }) => kind === "function");
  if (!areFunctions) return callAlternatives(machine, callable, args, site);
  const values: Value[] = [];
  const ways: Way[] = callable.map((option) => ({
    changes: machine.store.follow(() => values.push(machine.call(option, args, site))),
    guards: [],
  }));
  machine.store.join(ways);
  return unionOf(values);
}

function callAlternatives(machine: Machine, callable: readonly Value[], args: Args, site: Site): Value {
  const { choice } = machine;
  if (callable.length > 1) machine.choice = callable.map(identityOf).sort().join();
  const values = callable.map((option) => machine.call(option, args, site));
  machine.choice = choice;
  return unionOf(values.length === 0 ? [machine.fresh()] : values);
}

function identityOf(value: Value): string {
  if (value.kind === "object") return String(value.id);
  return (value.kind === "method" || value.kind === "function") && value.self !== null
    ? identityOf(value.self)
    : value.kind;
}

export function callFunction(machine: Machine, fn: FunctionValue, args: Args, site: Site): Value {
  const { node } = fn;
  machine.trace.reached.add(node);
  const isRunning = machine.frames.filter((frame) => frame.node === node).length;
  if (isRunning > 1 || machine.frames.length >= MOST_FRAMES || !machine.spend())
    return combined(machine, [...args.positional, ...args.keyword.values()]);
  if (machine.onYield === null && isGenerator(fn)) return machine.object("generator", args, site);
  const scope: Scope = { vars: new Map(), parent: fn.scope, file: fn.scope.file, outer: new Set() };
  if (fn.owner !== null) scope.vars.set("#owner", fn.owner);
  if (fn.self !== null) scope.vars.set("#self", fn.self);
  bind(machine, fn, args, scope);
  const run = (): Value => runBody(machine, fn, scope, site);
  const isWithout =
    node.kind === "function" &&
    node.decorators.some((decorator) =>
      /(^|\.)(no_grad|inference_mode)$/.test(
        dottedName(decorator.kind === "call" ? decorator.callee : decorator) ?? "",
      ),
    );
  return isWithout ? withoutGradients(machine, run) : run();
}

function runBody(machine: Machine, { node }: FunctionValue, scope: Scope, site: Site): Value {
  const outer = { exits: machine.exits, functionDepth: machine.functionDepth, loopDepth: machine.loopDepth };
  machine.exits = [];
  machine.functionDepth = machine.store.depth;
  machine.frames.push({ node, file: scope.file, call: site });
  let completion: Completion = "normal";
  let value: Value = constant(null);
  const changes = machine.store.follow(() => {
    if (node.kind === "lambda") value = machine.evaluate(node.body, scope);
    else completion = machine.execute(node.body, scope);
  });
  machine.frames.pop();
  const exits = machine.exits.filter(({ kind }) => kind === "return");
  Object.assign(machine, outer);
  const ways: Way[] = exits.map((exit) => ({ changes: exit.changes, guards: [] }));
  if (completion === "normal") ways.push({ changes, guards: [] });
  if (ways.length > 0) machine.store.join(ways);
  const values = exits.flatMap((exit) => (exit.value === null ? [] : [exit.value]));
  return values.length === 0 ? value : unionOf(values);
}

function bind(machine: Machine, fn: FunctionValue, args: Args, scope: Scope): void {
  const positional = fn.self === null ? [...args.positional] : [fn.self, ...args.positional];
  const used = new Set<string>();
  const file = fn.scope.file;
  let index = 0;
  for (const parameter of fn.node.parameters) {
    const site: Site = { file, from: parameter.from, to: parameter.to };
    if (parameter.kind === "star") {
      const rest = positional.slice(index);
      index = positional.length;
      scope.vars.set(
        parameter.name,
        rest.length > 0 || args.isComplete
          ? machine.list(
              "tuple",
              rest.map((value, at) => [String(at), value] as const),
              site,
            )
          : machine.fresh(),
      );
      continue;
    }
    if (parameter.kind === "doubleStar") {
      const rest = [...args.keyword].filter(([name]) => !used.has(name));
      scope.vars.set(parameter.name, args.isComplete ? machine.list("dict", rest, site) : machine.fresh());
      continue;
    }
    used.add(parameter.name);
    const given =
      args.keyword.get(parameter.name) ?? (parameter.kind === "keywordOnly" ? undefined : positional[index]);
    if (parameter.kind !== "keywordOnly" && !args.keyword.has(parameter.name)) index++;
    named(given, parameter.name);
    scope.vars.set(parameter.name, given ?? defaultOf(machine, parameter, fn, args));
  }
}

/** With arguments that are not known, a default is no more than that. */
function defaultOf(machine: Machine, { defaultValue, name }: Parameter, fn: FunctionValue, args: Args): Value {
  if (defaultValue === null) return machine.fresh([name]);
  const value = machine.evaluate(defaultValue, fn.scope);
  return args.isComplete || value.kind !== "constant" ? value : machine.fresh([name], [], value.value);
}

/** `evaluate(loader=...)`: what a value is called where it arrives says something about it. */
export function named(value: Value | undefined, name: string): void {
  if (value === undefined || name === "self" || name === "cls") return;
  for (const option of optionsOf(value)) {
    if (option.kind === "unknown" || option.kind === "object") option.names.add(name);
  }
}
