/** `with`: contexts without gradients, context managers of the project followed around the body, others trusted to restore. */
import type { WithItem, WithStatement } from "../../../source/python/statements";
import { nodesIn } from "../../python/walk";
import { truthOf } from "./conditions";
import type { Completion, Exit, Machine } from "./machine";
import { forgetModes, restoreModes, savedModes } from "./modes";
import type { Changes } from "./store";
import { modulesIn, NO_ARGS, type Args, type FunctionValue, type Scope, type Site, type Value } from "./values";

export const NO_GRAD = /^torch\.(autograd\.(grad_mode\.)?)?(no_grad|inference_mode)$/;
const SET_GRAD = /^torch\.(autograd\.(grad_mode\.)?)?set_grad_enabled$/;

export function followWith(machine: Machine, statement: WithStatement, scope: Scope): Completion {
  return around(machine, statement.items, scope, () => machine.execute(statement.body, scope));
}

function around(
  machine: Machine,
  [item, ...rest]: readonly WithItem[],
  scope: Scope,
  body: () => Completion,
): Completion {
  if (item === undefined) return body();
  const inner = (value: Value): Completion => {
    if (item.target !== null) machine.assign(item.target, value, scope);
    return around(machine, rest, scope, body);
  };
  const { context } = item;
  const site: Site = { file: scope.file, from: context.from, to: context.to };
  if (context.kind !== "call") return enter(machine, machine.evaluate(context, scope), site, inner);
  const callee = machine.evaluate(context.callee, scope);
  if (callee.kind === "external") {
    if (NO_GRAD.test(callee.path)) return withoutGradients(machine, () => inner(machine.fresh()));
    if (SET_GRAD.test(callee.path)) {
      const [flag] = context.arguments;
      const truth = flag === undefined ? null : truthOf(machine, flag.value, scope);
      return truth === false ? withoutGradients(machine, () => inner(machine.fresh())) : inner(machine.fresh());
    }
  }
  if (callee.kind === "function" && isGenerator(callee))
    return throughGenerator(machine, callee, machine.evaluate(context, scope), site, inner);
  return enter(machine, machine.evaluate(context, scope), site, inner);
}

export function withoutGradients<T>(machine: Machine, body: () => T): T {
  machine.noGrad++;
  const result = body();
  machine.noGrad--;
  return result;
}

const generators = new WeakMap<FunctionValue["node"], boolean>();

export function isGenerator({ node }: FunctionValue): boolean {
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
  machine: Machine,
  callee: FunctionValue,
  generator: Value,
  site: Site,
  inner: (value: Value) => Completion,
): Completion {
  if (generator.kind !== "object" || generator.type !== "generator") return inner(generator);
  let completion: Completion = "normal";
  const { onYield, exits, functionDepth, loopDepth } = machine;
  const known = exits.length;
  let isDone = false;
  machine.onYield = (value) => {
    if (isDone) return;
    isDone = true;
    const own = {
      onYield: machine.onYield,
      exits: machine.exits,
      functionDepth: machine.functionDepth,
      loopDepth: machine.loopDepth,
    };
    Object.assign(machine, { onYield, exits, functionDepth, loopDepth });
    completion = inner(value);
    Object.assign(machine, own);
  };
  machine.callFunction(callee, generator.args, site);
  machine.onYield = onYield;
  if (!isDone) completion = inner(machine.fresh());
  const after = machine.store.changesSince(functionDepth);
  for (let index = known; index < exits.length; index++) exits[index] = withModesOf(exits[index]!, after);
  return completion;
}

/** What the context manager does at its end also happens on the way out. */
function withModesOf(exit: Exit, after: Changes): Exit {
  const changes = new Map([...exit.changes].map(([fields, entries]) => [fields, new Map(entries)]));
  for (const [fields, entries] of after) {
    for (const key of ["#norm", "#mode"])
      if (entries.has(key))
        (changes.get(fields) ?? changes.set(fields, new Map()).get(fields))?.set(key, entries.get(key));
  }
  return { ...exit, changes };
}

/** Contexts that take a network and leave its mode alone. */
const HARMLESS = /accumul|no_sync|join|autocast|precision|profil|timer|record|summon/i;

function enter(machine: Machine, manager: Value, site: Site, inner: (value: Value) => Completion): Completion {
  if (manager.kind === "object" && manager.cls !== null) {
    const method = machine.member(manager.cls, "__enter__");
    const exit = machine.member(manager.cls, "__exit__");
    const value =
      method?.kind === "function" ? machine.callFunction({ ...method, self: manager }, NO_ARGS, site) : machine.fresh();
    const completion = inner(value);
    if (exit?.kind === "function") machine.callFunction({ ...exit, self: manager }, unknownArgs(machine), site);
    return completion;
  }
  const inputs = manager.kind === "unknown" ? manager.inputs : [];
  const modules = inputs.flatMap(modulesIn);
  const isHarmless = manager.kind === "unknown" && [...manager.names].some((name) => HARMLESS.test(name));
  if (modules.length === 0 || isHarmless) return inner(inputs.length > 0 ? machine.tensor(inputs) : machine.fresh());
  const before = modules.map((module) => ({ module, modes: savedModes(module) }));
  for (const module of modules) forgetModes(machine, module);
  const completion = inner(machine.fresh([], inputs));
  for (const { module, modes } of before) restoreModes(machine, module, modes);
  return completion;
}

function unknownArgs(machine: Machine): Args {
  return { ...NO_ARGS, positional: [machine.fresh(), machine.fresh(), machine.fresh()] };
}
