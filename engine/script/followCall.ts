/** Calls: functions of the project are followed, networks are forward passes, libraries have their meaning. */
import { numbered } from "./containers";
import { bindArguments } from "../python/argumentBinding";
import type { Parameter } from "../python/expressions";
import { dottedName } from "../python/walk";
import { instantiate } from "./tracedClasses";
import { callLibrary } from "./libraryCalls";
import { noteKerasUse } from "./kerasUses";
import type { Ending, Tracing } from "./tracing";
import { callMethod } from "./tracedMethods";
import { forwardOf } from "./forwards";
import type { Way } from "./store";
import {
  type Fields,
  ABSENT,
  constant,
  optionsOf,
  unionOf,
  type Args,
  type TracedFunction,
  type TracedUnknown,
  type TracedScope,
  type Site,
  type TracedValue,
} from "./tracedValues";
import { combined } from "./followExpression";
import { isGenerator, withoutGradients } from "./withStatement";
import { KEEPS_TENSOR, rowsAfter } from "./tensorFacts";
import { pipelineTaken } from "./tfData";
import { unreadableCall } from "./unreadable";
import { scopeInside } from "./tracedScope";

const MOST_FRAMES = 24;

export function callValue(tracing: Tracing, callee: TracedValue, args: Args, site: Site): TracedValue {
  noteKerasUse(tracing, callee, args, site);
  switch (callee.kind) {
    case "function":
      return callFunction(tracing, callee, args, site);
    case "partial":
      return tracing.call(
        callee.callee,
        {
          ...args,
          positional: [...callee.args.positional, ...args.positional],
          keyword: new Map([...callee.args.keyword, ...args.keyword]),
        },
        site,
      );
    case "class":
      return instantiate(tracing, callee, args, site);
    case "external":
      return callLibrary(tracing, callee.path, args, site);
    case "method":
      return callMethod(tracing, callee.self, callee.name, args, site);
    case "object":
      return callObject(tracing, callee, args, site);
    case "union":
      return callEach(tracing, callee.options, args, site);
    case "unknown":
      return (
        sameTensor(tracing, callee, args) ??
        pipelineTaken(tracing, callee, args, site) ??
        unreadableCall(tracing, callee, null, args, site)
      );
    case "gives":
      return callee.value;
    default:
      return combined(tracing, [callee, ...args.positional, ...args.keyword.values()]);
  }
}

/** `x_test.to(device)` of a value that is not known: it is as much held out as before. */
function sameTensor(tracing: Tracing, { owner, names }: TracedUnknown, args: Args): TracedValue | null {
  const [name] = names;
  if (owner === undefined || name === undefined || !KEEPS_TENSOR.test(name)) return null;
  const rows = rowsAfter(null, name, args);
  return rows === null ? combined(tracing, [owner]) : { ...tracing.tensor([owner]), rows };
}

function callObject(
  tracing: Tracing,
  callee: Extract<TracedValue, { kind: "object" }>,
  args: Args,
  site: Site,
): TracedValue {
  if (callee.isModule) return forwardOf(tracing, callee, args, site);
  const method = callee.cls === null ? null : tracing.member(callee.cls, "__call__");
  if (method?.kind === "function") return callFunction(tracing, { ...method, self: callee }, args, site);
  return unreadableCall(tracing, callee, null, args, site);
}

/**
 * Alternatives that change modes are separate ways. The alternatives of one network are not: only one of them exists.
 */
function callEach(tracing: Tracing, options: readonly TracedValue[], args: Args, site: Site): TracedValue {
  const callable = options.filter(
    (option) => option !== ABSENT && !(option.kind === "constant" && option.value === null),
  );
  const functions = callable.filter((option) => option.kind === "function");
  const areFunctions = callable.length > 1 && functions.length === callable.length;
  if (!areFunctions || areOneMethod(functions)) return callAlternatives(tracing, callable, args, site);
  const values: TracedValue[] = [];
  const ways: Way[] = callable.map((option) => ({
    changes: tracing.store.follow(() => values.push(tracing.call(option, args, site))),
    guards: [],
  }));
  tracing.store.join(ways);
  return unionOf(values);
}

/** `net.freeze_bn()` of one network or another. */
const areOneMethod = (functions: readonly TracedFunction[]): boolean =>
  functions.every(({ node, self }) => self?.kind === "object" && self.isModule && node === functions[0]?.node);

function callAlternatives(tracing: Tracing, callable: readonly TracedValue[], args: Args, site: Site): TracedValue {
  const { choice } = tracing;
  if (callable.length > 1) tracing.choice = callable.map(identityOf).sort().join();
  const values = callable.map((option) => tracing.call(option, args, site));
  tracing.choice = choice;
  return unionOf(values.length === 0 ? [tracing.fresh()] : values);
}

function identityOf(value: TracedValue): string {
  if (value.kind === "object") return String(value.id);
  return (value.kind === "method" || value.kind === "function") && value.self !== null
    ? identityOf(value.self)
    : value.kind;
}

export function callFunction(tracing: Tracing, fn: TracedFunction, args: Args, site: Site): TracedValue {
  const { node } = fn;
  tracing.trace.reached.add(node);
  const isRunning = tracing.frames.filter((frame) => frame.node === node).length;
  if (isRunning > 1 || tracing.frames.length >= MOST_FRAMES || !tracing.spend())
    return combined(tracing, [...args.positional, ...args.keyword.values()]);
  if (tracing.onYield === null && isGenerator(fn)) return tracing.object("generator", args, site);
  const method = fn.owner === null || fn.self === null ? null : { owner: fn.owner, self: fn.self };
  const scope = { ...scopeInside(fn.scope, boundVariables(tracing, fn, args)), method };
  const run = (): TracedValue => runBody(tracing, fn, scope, site);
  const isWithout =
    node.kind === "function" &&
    node.decorators.some((decorator) =>
      /(^|\.)(no_grad|inference_mode)$/.test(
        dottedName(decorator.kind === "call" ? decorator.callee : decorator) ?? "",
      ),
    );
  return isWithout ? withoutGradients(tracing, run) : run();
}

function runBody(tracing: Tracing, { node }: TracedFunction, scope: TracedScope, site: Site): TracedValue {
  const outer = { exits: tracing.exits, functionDepth: tracing.functionDepth, loopDepth: tracing.loopDepth };
  tracing.exits = [];
  tracing.functionDepth = tracing.store.depth;
  tracing.frames.push({ node, file: scope.file, call: site });
  let completion: Ending = "normal";
  let value: TracedValue = constant(null);
  const changes = tracing.store.follow(() => {
    if (node.kind === "lambda") value = tracing.evaluate(node.body, scope);
    else completion = tracing.execute(node.body, scope);
  });
  tracing.frames.pop();
  const exits = tracing.exits.filter(({ kind }) => kind === "return");
  Object.assign(tracing, outer);
  const ways: Way[] = exits.map((exit) => ({ changes: exit.changes, guards: [] }));
  if (completion === "normal") ways.push({ changes, guards: [] });
  if (ways.length > 0) tracing.store.join(ways);
  const values = exits.flatMap((exit) => (exit.value === null ? [] : [exit.value]));
  return values.length === 0 ? value : unionOf(values);
}

/** The variables a call starts with. With arguments that are not all known, what collects the rest is unknown. */
function boundVariables(tracing: Tracing, fn: TracedFunction, args: Args): Fields {
  const positional = fn.self === null ? args.positional : [fn.self, ...args.positional];
  const { given, missing, rest } = bindArguments(fn.node.parameters, { positional, keywords: args.keyword });
  const bound = new Map(given);
  for (const [name, value] of given) named(value, name);
  for (const parameter of missing) bound.set(parameter.name, defaultOf(tracing, parameter, fn, args));
  const siteOf = ({ from, to }: Parameter): Site => ({ file: fn.scope.file, from, to });
  if (rest.positional !== null) {
    const { parameter, values } = rest.positional;
    const entries = numbered(values);
    const isKnown = values.length > 0 || args.isComplete;
    bound.set(parameter.name, isKnown ? tracing.list("tuple", entries, siteOf(parameter)) : tracing.fresh());
  }
  if (rest.keywords !== null) {
    const { parameter, values } = rest.keywords;
    bound.set(parameter.name, args.isComplete ? tracing.list("dict", [...values], siteOf(parameter)) : tracing.fresh());
  }
  return bound;
}

/** With arguments that are not known, a default is no more than that. */
function defaultOf(tracing: Tracing, { defaultValue, name }: Parameter, fn: TracedFunction, args: Args): TracedValue {
  if (defaultValue === null) return tracing.fresh([name]);
  const value = tracing.evaluate(defaultValue, fn.scope);
  return args.isComplete || value.kind !== "constant" ? value : tracing.fresh([name], [], value.value);
}

/** `evaluate(loader=...)`: what a value is called where it arrives says something about it. */
export function named(value: TracedValue | undefined, name: string): void {
  if (value === undefined || name === "self" || name === "cls") return;
  for (const option of optionsOf(value)) {
    if (option.kind === "unknown" || option.kind === "object") option.names.add(name);
  }
}
