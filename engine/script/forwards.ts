/** Forward passes and the backward passes that make them training. */
import { nodesIn } from "../python/walk";
import type { Tracing } from "./tracing";
import { gradOf, isHeldInEval, modesOf, possible } from "./modes";
import { hasNorm, isNorm, withDescendants } from "./norms";
import type {
  Args,
  TracedClass,
  Drift,
  Forward,
  ModeEntry,
  ObjectValue,
  Origin,
  Site,
  TracedTensor,
  TracedValue,
} from "./tracedValues";
import { wordsOf } from "./words";

/** Layers and losses without their own normalization are not networks. */
const PLAIN = /^torch\.nn\.(?!Sequential|ModuleList|ModuleDict|BatchNorm|SyncBatchNorm)/;

export function forwardOf(tracing: Tracing, module: ObjectValue, args: Args, site: Site): TracedValue {
  const values = [...args.positional, ...args.keyword.values()];
  if (PLAIN.test(module.type)) return tracing.tensor(values);
  const modes = possible(modesOf(module), tracing.assumptions);
  const before = tracing.trace.forwards.length;
  // Its own forward may still set the mode of its parts.
  followForward(tracing, module, args, site);
  const inside = tracing.trace.forwards.slice(before);
  const forward = record(tracing, module, values, modes, inside, site);
  const result = tracing.tensor(values);
  return { ...result, origins: [...result.origins, { forward, isDetached: forward.noGrad }] };
}

function record(
  tracing: Tracing,
  module: ObjectValue,
  values: readonly TracedValue[],
  modes: readonly ModeEntry[],
  inside: readonly Forward[],
  site: Site,
): Forward {
  const { thawed, drifting, lowPrecision } = below(tracing, module);
  const forward: Forward = {
    module,
    site,
    frames: [...tracing.frames],
    loops: [...tracing.loops],
    modes,
    inside,
    hasNorm: hasNorm(module),
    isHeld: isHeldInEval(module, tracing.assumptions),
    noGrad: tracing.noGrad > 0 || values.some((value) => value.kind === "tensor" && value.isVolatile),
    args: values,
    choice: tracing.choice,
    words: values.flatMap((value) => wordsOf(value)),
    isInner: tracing.innerForward > 0,
    root: tracing.root,
    thawed,
    drifting,
    lowPrecision,
    training: null,
  };
  tracing.trace.forwards.push(forward);
  return forward;
}

function below(tracing: Tracing, module: ObjectValue): Pick<Forward, "thawed" | "drifting" | "lowPrecision"> {
  let lowPrecision: Forward["lowPrecision"] = null;
  const thawed: ModeEntry[] = [];
  const drifting: Drift[] = [];
  for (const part of withDescendants(module)) {
    const entries = possible(modesOf(part), tracing.assumptions);
    const isTraining = entries.length > 0 && entries.every(({ mode }) => mode === "train");
    if (!isTraining || !isNorm(part)) continue;
    thawed.push(...entries.filter(({ undid }) => undid !== null));
    lowPrecision ??= part.traits.lowPrecision;
    const grad = gradOf(part);
    if (grad?.isOn === false) drifting.push({ module: part, grad });
  }
  return { thawed, drifting, lowPrecision };
}

const interesting = new WeakMap<TracedClass["node"], boolean>();

/** A network's own forward is followed only where it does more than compute. */
function followForward(tracing: Tracing, module: ObjectValue, args: Args, site: Site): void {
  const method = module.cls === null ? null : tracing.member(module.cls, "forward");
  if (method?.kind !== "function" || module.facts.isManaged === true || !isInteresting(method.owner)) return;
  tracing.innerForward++;
  tracing.callFunction({ ...method, self: module }, args, site);
  tracing.innerForward--;
}

function isInteresting(owner: TracedClass | null): boolean {
  if (owner === null) return false;
  const known = interesting.get(owner.node);
  if (known !== undefined) return known;
  let found = false;
  for (const node of nodesIn(owner.node.body)) {
    const name = node.kind === "name" || node.kind === "attribute" ? node.name : "";
    if (/checkpoint|^eval$|^train$|no_grad|inference_mode/.test(name)) found = true;
  }
  if (joinsRealAndFake(owner) || asksTeacher(owner)) found = true;
  interesting.set(owner.node, found);
  return found;
}

const TEACHER = /^(\w+_)?(teacher|ema|target_(net|network|model|encoder))(_\w+)?$/;

/** A loss that is given the network, or a network with a teacher in it. */
function asksTeacher({ node, members }: TracedClass): boolean {
  const forward = members.get("forward");
  const parameters = forward?.kind === "function" ? forward.node.parameters : [];
  return (
    parameters.some(({ name }) => /^(\w+_)?(model|net|network|student|teacher)$/.test(name)) ||
    nodesIn(node.body).some((inner) => inner.kind === "attribute" && TEACHER.test(inner.name))
  );
}

/** A network that asks another one, of its own, about real and generated samples at once. */
function joinsRealAndFake({ node, scope }: TracedClass): boolean {
  const text = scope.file.text.slice(node.from, node.to);
  return /\b(cat|concat|concatenate)\s*\(/.test(text) && /fake|generat|discrim|critic/i.test(text);
}

export function originsOf(value: TracedValue, depth = 3): readonly Origin[] {
  if (value.kind === "tensor") return value.origins;
  if (depth === 0) return [];
  if (value.kind === "union") return value.options.flatMap((option) => originsOf(option, depth));
  if (value.kind === "object" && !value.isModule)
    return [...value.fields.values()].flatMap((field) => originsOf(field, depth - 1));
  if (value.kind === "unknown") return value.inputs.flatMap((input) => originsOf(input, depth - 1));
  return value.kind === "method" ? originsOf(value.self, depth - 1) : [];
}

/** A backward pass from a loss trains the networks it was computed with. */
export function markTrained(tracing: Tracing, losses: readonly TracedValue[], site: Site): void {
  if (tracing.noGrad > 0) return;
  const known = losses
    .flatMap((loss) => originsOf(loss))
    .filter(({ isDetached }) => !isDetached)
    .map(({ forward }) => forward);
  const forwards = known.length > 0 ? known : forwardsOfThisRound(tracing);
  for (const forward of new Set(forwards.flatMap((pass) => [pass, ...pass.inside]))) {
    if (forward.noGrad) continue;
    forward.training ??= { modes: possible(forward.modes, tracing.assumptions), site };
  }
  tracing.trace.backwards.push({ place: tracing.place(site), forwards });
}

/** Where a loss comes from is lost in a call that cannot be read: then it comes from this round of the loop. */
function forwardsOfThisRound(tracing: Tracing): Forward[] {
  const current = tracing.loops.at(-1);
  if (current === undefined) return [];
  return tracing.trace.forwards.filter(
    ({ loops, noGrad, root, isInner }) => !noGrad && !isInner && root === tracing.root && loops.includes(current),
  );
}

export function detached(tensor: TracedTensor): TracedTensor {
  return { ...tensor, origins: tensor.origins.map((origin) => ({ ...origin, isDetached: true })) };
}
