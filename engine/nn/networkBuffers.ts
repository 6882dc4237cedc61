/**
 * Where the values between steps are stored, and the gradients of a network that has them. Memory is used again as
 * early as can be.
 */
import { INPUT_ID } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import {
  type ActivationBuffer,
  allocateBuffer,
  type BufferPlan,
  extentOf,
  type Halo,
  noHalo,
} from "./activationBuffer";
import type { Arena } from "./arena";
import { BufferPool } from "./bufferPool";
import type { HaloNeeds } from "./layer";
import { layerEntryOf } from "./layerEntries";
import { known, type Step } from "./step";

export interface NetworkBuffers {
  readonly values: ReadonlyMap<string, ActivationBuffer>;
  /** Empty in networks that only go forward. */
  readonly gradients: ReadonlyMap<string, ActivationBuffer>;
  /** By shape: where a layer leaves a gradient that is added to another's. */
  readonly shares: ReadonlyMap<string, ActivationBuffer>;
}

export interface BufferNeeds {
  readonly steps: readonly Step[];
  readonly inputShape: Shape;
  /** Whether channels of the network's input are padded. */
  readonly padInput: boolean;
  /** The step whose output is trained. */
  readonly returned: string;
  readonly arena: Arena;
  readonly batch: number;
  readonly withGradients: boolean;
  /** Whether all gradients of a step stay until the next one, to be looked at. */
  readonly keepGradients: boolean;
}

export function allocateBuffers(needs: BufferNeeds): NetworkBuffers {
  const { arena, batch, steps, inputShape, padInput, withGradients } = needs;
  const input = allocateBuffer(arena, {
    shape: inputShape,
    batch,
    halo: consumersHalo(steps, INPUT_ID),
    pad: padInput,
  });
  const values = withGradients ? keptValues(needs) : passingValues(needs);
  values.set(INPUT_ID, input);
  if (!withGradients) return { values, gradients: new Map(), shares: new Map() };
  return { values, gradients: passingGradients(needs), shares: allocateShares(needs) };
}

/** Normalisation layers are looked at after a pass: at what they were given, and at the gradient of what they gave. */
const isLookedAt = ({ layer, moves }: Step): boolean => moves === null && layerEntryOf(layer.op).isLookedAt === true;

const valuePlan = ({ steps, batch }: BufferNeeds, { id, outputShape: shape }: Step): BufferPlan => ({
  shape,
  batch,
  halo: consumersHalo(steps, id),
  pad: true,
});

/** The backward pass needs them all. */
function keptValues(needs: BufferNeeds): Map<string, ActivationBuffer> {
  return new Map(needs.steps.map((step) => [step.id, allocateBuffer(needs.arena, valuePlan(needs, step))]));
}

/** A value is needed from the step that makes it to the last one that takes it. */
function passingValues(needs: BufferNeeds): Map<string, ActivationBuffer> {
  const { steps, returned, arena } = needs;
  const pool = new BufferPool(arena);
  const values = new Map<string, ActivationBuffer>();
  // What only moves values leaves its padding alone, which must stay zero.
  const stays = new Set([
    returned,
    ...steps.filter(({ moves }) => moves !== null).map(({ id }) => id),
    ...steps.filter(isLookedAt).flatMap(({ inputIds }) => inputIds),
  ]);
  const lastTaker = new Map(
    steps.flatMap(({ id, inputIds }) => inputIds.map((input): [string, string] => [input, id])),
  );
  const plans = new Map<string, BufferPlan>();
  for (const step of steps) {
    const plan = valuePlan(needs, step);
    plans.set(step.id, plan);
    values.set(step.id, step.moves === null ? pool.take(plan) : allocateBuffer(arena, plan));
    const over = new Set(
      [step.id, ...step.inputIds].filter(
        (id) => plans.has(id) && !stays.has(id) && (lastTaker.get(id) ?? id) === step.id,
      ),
    );
    for (const id of over) pool.giveBack(known(plans.get(id)), known(values.get(id)));
  }
  return values;
}

/**
 * A gradient is needed from the last step that takes the value, which writes it first on the way back, to the step that
 * makes the value. What nothing trained takes has a gradient that stays zero, and a separate buffer for it.
 */
function passingGradients({
  steps,
  returned,
  arena,
  batch,
  keepGradients,
}: BufferNeeds): Map<string, ActivationBuffer> {
  const pool = new BufferPool(arena);
  const gradients = new Map<string, ActivationBuffer>();
  const plans = new Map(
    steps.map((step): [string, BufferPlan] => [
      step.id,
      { shape: step.outputShape, batch, halo: halosOf(step).outputGradient, pad: true },
    ]),
  );
  const take = (id: string): void => {
    const plan = plans.get(id);
    if (plan && !gradients.has(id)) gradients.set(id, pool.take(plan));
  };
  take(returned);
  for (const step of [...steps].reverse()) {
    const isWritten = gradients.has(step.id);
    if (!isWritten) gradients.set(step.id, allocateBuffer(arena, known(plans.get(step.id))));
    for (const id of step.inputIds) take(id);
    if (isWritten && !keepGradients && !isLookedAt(step))
      pool.giveBack(known(plans.get(step.id)), known(gradients.get(step.id)));
  }
  return gradients;
}

/**
 * The gradient of a value that several layers take is the sum of theirs: all but one leave theirs in a shared buffer
 * first.
 */
function allocateShares({ steps, returned, arena, batch }: BufferNeeds): Map<string, ActivationBuffer> {
  const shares = new Map<string, ActivationBuffer>();
  const taken = new Set([returned]);
  for (const { inputIds, inputShapes } of steps) {
    for (const [index, id] of inputIds.entries()) {
      const shape = known(inputShapes[index]);
      const key = shape.join();
      if (taken.has(id) && id !== INPUT_ID && !shares.has(key))
        shares.set(key, allocateBuffer(arena, { shape, batch, halo: noHalo, pad: true }));
      taken.add(id);
    }
  }
  return shares;
}

function halosOf({ layer, inputShapes, outputShape }: Step): HaloNeeds {
  const { halos } = layerEntryOf(layer.op);
  return halos === undefined
    ? { input: noHalo, outputGradient: noHalo }
    : halos(layer.op, extentOf(known(inputShapes[0])), extentOf(outputShape));
}

/** The widest halo that a layer which takes the value needs around it. */
function consumersHalo(steps: readonly Step[], id: string): Halo {
  const halos = steps.filter((step) => step.inputIds.includes(id)).map((step) => halosOf(step).input);
  return {
    top: Math.max(0, ...halos.map((halo) => halo.top)),
    bottom: Math.max(0, ...halos.map((halo) => halo.bottom)),
    left: Math.max(0, ...halos.map((halo) => halo.left)),
    right: Math.max(0, ...halos.map((halo) => halo.right)),
  };
}
