/** One script from its first statement to its last, then the functions that were not called. */
import type { ClassStatement, FunctionStatement } from "../python/statements";
import type { SourceFile } from "../python/parse";
import type { ResolveModule } from "../python/resolveModule";
import { isManaged } from "./tracedClasses";
import type { ScriptTrace } from "./tracing";
import { Tracer } from "./tracer";
import { setMode } from "./modes";
import { markTrained } from "./forwards";
import {
  NO_ARGS,
  modulesIn,
  type TracedValue,
  type Args,
  type TracedClass,
  type ObjectValue,
  type TracedScope,
  type Site,
} from "./tracedValues";
import { fileScope } from "./tracedScope";

const UNKNOWN_ARGS: Args = { positional: [], keyword: new Map(), isComplete: false, nodes: [] };

export function traceScript(file: SourceFile, resolveModule: ResolveModule | null): ScriptTrace {
  const tracer = new Tracer(file, resolveModule);
  const scope = fileScope(file);
  tracer.execute(file.module.body, scope);
  for (const statement of file.module.body) {
    if (statement.kind === "function") enterFunction(tracer, statement, scope);
    if (statement.kind === "class") enterClass(tracer, statement, scope);
  }
  return tracer.trace;
}

const siteOf = ({ file }: TracedScope, { from, to }: { from: number; to: number }): Site => ({ file, from, to });

/**
 * A function that other files call, or that a decorator calls: its arguments are unknown, what it makes itself is not.
 */
function enterFunction(tracer: Tracer, node: FunctionStatement, scope: TracedScope): void {
  if (tracer.trace.reached.has(node)) return;
  const value = scope.vars.get(node.name);
  if (value?.kind !== "function" || value.node !== node) return;
  tracer.root = { name: node.name };
  tracer.call(value, UNKNOWN_ARGS, siteOf(scope, node));
}

/** A class that other files use: its constructor, then its methods in the order of the text. */
function enterClass(tracer: Tracer, node: ClassStatement, scope: TracedScope): void {
  const cls = scope.vars.get(node.name);
  if (cls?.kind !== "class" || cls.node !== node) return;
  if (isManaged(cls)) return enterLightning(tracer, cls, scope);
  const isUsed = tracer.trace.objects.some((object) => object.cls?.order.includes(cls) === true);
  if (isUsed) return;
  tracer.root = { name: node.name };
  const object = tracer.call(cls, UNKNOWN_ARGS, siteOf(scope, node));
  if (object.kind === "object") enterMethods(tracer, cls, object, scope);
}

/**
 * What a Lightning Trainer does with a module: hooks, then training steps in train mode, whose result it trains
 * with.
 */
const HOOKS = ["setup", "on_fit_start", "on_train_start", "on_train_epoch_start", "on_train_batch_start"];

function enterLightning(tracer: Tracer, cls: TracedClass, scope: TracedScope): void {
  if (tracer.member(cls, "training_step")?.kind !== "function") return;
  tracer.root = { name: cls.node.name };
  const site = siteOf(scope, cls.node);
  // As it is made: what the script does with it before the Trainer has it may set any mode.
  const made = tracer.trace.objects.find((one) => one.cls === cls);
  const object = tracer.call(cls, made?.args ?? UNKNOWN_ARGS, site);
  if (object.kind !== "object") return;
  const callHook = (name: string, args: Args): TracedValue | null => {
    const method = tracer.member(cls, name);
    return method?.kind === "function" ? tracer.call({ ...method, self: object }, args, site) : null;
  };
  callHook("train", NO_ARGS);
  tracer.loops.push({ loop: { site, iterable: null, words: [] }, iteration: 0 });
  for (const hook of HOOKS) callHook(hook, UNKNOWN_ARGS);
  const loss = callHook("training_step", UNKNOWN_ARGS);
  if (loss !== null) markTrained(tracer, [loss], site);
  tracer.loops.pop();
}

function enterMethods(tracer: Tracer, cls: TracedClass, object: ObjectValue, scope: TracedScope): void {
  if (object.isModule) {
    tracer.call(object, UNKNOWN_ARGS, siteOf(scope, cls.node));
    return;
  }
  for (const member of cls.members.values()) {
    if (
      member.kind !== "function" ||
      member.node.kind !== "function" ||
      tracer.trace.reached.has(member.node) ||
      member.node.name.startsWith("__")
    )
      continue;
    // Whoever calls it may have set the modes before.
    for (const module of [...object.fields.values()].flatMap(modulesIn))
      setMode(tracer, module, "unknown", siteOf(scope, member.node));
    tracer.call({ ...member, self: object }, UNKNOWN_ARGS, siteOf(scope, member.node));
  }
}
