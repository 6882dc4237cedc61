/**
 * `with`: contexts without gradients, context managers of the project followed around the body, others trusted to
 * restore.
 */
import type { WithItem, WithStatement } from "../python/statements";
import { nodesIn } from "../python/walk";
import { truthOf } from "./conditions";
import type { Ending, Exit, Tracing } from "./tracing";
import { forgetModes, restoreModes, savedModes } from "./modes";
import { withModesOf, type TracedChanges } from "./store";
import {
  modulesIn,
  NO_ARGS,
  type Args,
  type TracedFunction,
  type TracedScope,
  type Site,
  type TracedValue,
} from "./tracedValues";

export const NO_GRAD = /^torch\.(autograd\.(grad_mode\.)?)?(no_grad|inference_mode)$/;
const SET_GRAD = /^torch\.(autograd\.(grad_mode\.)?)?set_grad_enabled$/;

export function followWith(tracing: Tracing, statement: WithStatement, scope: TracedScope): Ending {
  return around(tracing, statement.items, scope, () => tracing.execute(statement.body, scope));
}

function around(
  tracing: Tracing,
  [item, ...rest]: readonly WithItem[],
  scope: TracedScope,
  body: () => Ending,
): Ending {
  if (item === undefined) return body();
  const inner = (value: TracedValue): Ending => {
    if (item.target !== null) tracing.assign(item.target, value, scope);
    return around(tracing, rest, scope, body);
  };
  const { context } = item;
  const site: Site = { file: scope.file, from: context.from, to: context.to };
  if (context.kind !== "call") return enter(tracing, tracing.evaluate(context, scope), site, inner);
  const callee = tracing.evaluate(context.callee, scope);
  if (callee.kind === "external") {
    if (NO_GRAD.test(callee.path)) return withoutGradients(tracing, () => inner(tracing.fresh()));
    if (SET_GRAD.test(callee.path)) {
      const [flag] = context.arguments;
      const truth = flag === undefined ? null : truthOf(tracing, flag.value, scope);
      return truth === false ? withoutGradients(tracing, () => inner(tracing.fresh())) : inner(tracing.fresh());
    }
  }
  if (callee.kind === "function" && isGenerator(callee))
    return throughGenerator(tracing, callee, tracing.evaluate(context, scope), site, inner);
  return enter(tracing, tracing.evaluate(context, scope), site, inner);
}

export function withoutGradients<T>(tracing: Tracing, body: () => T): T {
  tracing.noGrad++;
  const result = body();
  tracing.noGrad--;
  return result;
}

const generators = new WeakMap<TracedFunction["node"], boolean>();

export function isGenerator({ node }: TracedFunction): boolean {
  if (node.kind !== "function") return false;
  const known = generators.get(node);
  if (known !== undefined) return known;
  let found = false;
  for (const inner of nodesIn(node.body)) if (inner.kind === "yield") found = true;
  generators.set(node, found);
  return found;
}

/** The body runs where the generator yields, in the function that has the `with`. */
function throughGenerator(
  tracing: Tracing,
  callee: TracedFunction,
  generator: TracedValue,
  site: Site,
  inner: (value: TracedValue) => Ending,
): Ending {
  if (generator.kind !== "object" || generator.type !== "generator") return inner(generator);
  let completion: Ending = "normal";
  const { onYield, exits, functionDepth, loopDepth } = tracing;
  const known = exits.length;
  let isDone = false;
  tracing.onYield = (value) => {
    if (isDone) return;
    isDone = true;
    const own = {
      onYield: tracing.onYield,
      exits: tracing.exits,
      functionDepth: tracing.functionDepth,
      loopDepth: tracing.loopDepth,
    };
    Object.assign(tracing, { onYield, exits, functionDepth, loopDepth });
    completion = inner(value);
    Object.assign(tracing, own);
  };
  tracing.callFunction(callee, generator.args, site);
  tracing.onYield = onYield;
  if (!isDone) completion = inner(tracing.fresh());
  const after = tracing.store.changesSince(functionDepth);
  for (let index = known; index < exits.length; index++) exits[index] = leavingWith(exits[index]!, after);
  return completion;
}

/** What the context manager does at its end also happens on the way out. */
const leavingWith = (exit: Exit, after: TracedChanges): Exit => ({
  ...exit,
  changes: withModesOf(exit.changes, after),
});

/** Contexts that take a network and leave its mode alone. */
const HARMLESS = /accumul|no_sync|join|autocast|precision|profil|timer|record|summon/i;

function enter(tracing: Tracing, manager: TracedValue, site: Site, inner: (value: TracedValue) => Ending): Ending {
  if (manager.kind === "object" && manager.cls !== null) {
    const method = tracing.member(manager.cls, "__enter__");
    const exit = tracing.member(manager.cls, "__exit__");
    const value =
      method?.kind === "function" ? tracing.callFunction({ ...method, self: manager }, NO_ARGS, site) : tracing.fresh();
    const completion = inner(value);
    if (exit?.kind === "function") tracing.callFunction({ ...exit, self: manager }, unknownArgs(tracing), site);
    return completion;
  }
  // `with amp.scale_loss(loss, optimizer) as scaled:` gives a loss of the same origin.
  if (manager.kind === "tensor") return inner(manager);
  const inputs = manager.kind === "unknown" ? manager.inputs : [];
  const modules = inputs.flatMap(modulesIn);
  const isHarmless = manager.kind === "unknown" && [...manager.names].some((name) => HARMLESS.test(name));
  if (modules.length === 0 || isHarmless) return inner(inputs.length > 0 ? tracing.tensor(inputs) : tracing.fresh());
  const before = modules.map((module) => ({ module, modes: savedModes(module) }));
  for (const module of modules) forgetModes(tracing, module);
  const completion = inner(tracing.fresh([], inputs));
  for (const { module, modes } of before) restoreModes(tracing, module, modes);
  return completion;
}

function unknownArgs(tracing: Tracing): Args {
  return { ...NO_ARGS, positional: [tracing.fresh(), tracing.fresh(), tracing.fresh()] };
}
