/**
 * Models that need arguments which the file does not give. They are made with likely ones, once, and then again with
 * one branch on them decided otherwise each time. What all readings show does not depend on the arguments.
 */
import { Choices } from "../interpreter/choices";
import type { Machine } from "../interpreter/machine";
import type { InstanceValue, UnknownValue } from "../interpreter/values";
import type { ModuleInstance } from "../buildGraph";
import { modelOfTensors } from "../keras/openTensor";
import { forgetNames } from "../keras/kerasState";
import { readInstance } from "../readModel";
import type { ModelReading } from "../modelReading";
import { type OpenedFile, separately } from "../openFile";
import { wholeModels } from "../wholeModels";
import type { Attempt } from "./attempts";

/** Branches that are also decided otherwise, each by itself. */
const MOST_BRANCHES = 12;
/** Models that one call makes. */
const MOST_MODELS = 6;
/** Steps of one way through. */
const MOST_STEPS = 150_000;

/**
 * The readings of all models that an attempt makes, the likely one first; none when it makes none.
 *
 * @param branches So many branches are also decided otherwise.
 * @param isWanted Of the models that it makes.
 */
export function readAssumed(
  opened: OpenedFile,
  attempt: Attempt,
  branches = MOST_BRANCHES,
  isWanted: (model: ModuleInstance) => boolean = () => true,
): ModelReading[] {
  let base = new Choices();
  const readings = follow(opened, attempt, base, isWanted);
  const tried = new Set<string>();
  for (let place = nextOf(base, tried); place !== undefined && tried.size < branches; place = nextOf(base, tried)) {
    // Layers of other files are those files' business, whatever way is taken here.
    if (areAllElsewhere(opened, readings)) break;
    tried.add(place);
    const choices = new Choices(new Set([...base.otherwise, place]));
    readings.push(...follow(opened, attempt, choices, isWanted));
    // The likely way ends in an exception, this one does not: what comes after it is decided from here.
    if (base.hasFailed && !choices.hasFailed) base = choices;
  }
  return readings;
}

function areAllElsewhere({ file }: OpenedFile, readings: readonly ModelReading[]): boolean {
  const layers = readings.flatMap(({ graph }) => graph?.layers ?? []);
  return layers.length > 0 && layers.every(({ range }) => range.path !== file.path);
}

/** A branch that was met and has not gone the other way yet. */
const nextOf = (choices: Choices, tried: ReadonlySet<string>): string | undefined =>
  [...choices.met.keys()].find((place) => !tried.has(place));

function follow(
  opened: OpenedFile,
  attempt: Attempt,
  choices: Choices,
  isWanted: (model: ModuleInstance) => boolean,
): ModelReading[] {
  const { machine } = opened;
  machine.choices = choices;
  const readings = separately(
    machine,
    () => {
      const notes: UnknownValue[] = [];
      forgetNames(machine);
      const made: InstanceValue[] = (machine.made = []);
      const returned = machine.collecting(notes, () => attempt.run(machine));
      modelOfTensors(machine, returned, attempt.range);
      machine.made = null;
      if (choices.hasFailed) return [];
      keepWhatWasMade(machine);
      return wholeModels(made)
        .filter(isWanted)
        .slice(-MOST_MODELS)
        .map((model) => readInstance(opened, model, { model: attempt.expression, notes, inputs: [], data: null }));
    },
    MOST_STEPS,
  );
  machine.choices = null;
  return readings.map((reading) => withoutAssumed({ ...reading, assumed: attempt.assumed }));
}

/**
 * What the attempt does after it made its models (a training loop, mostly) may take more steps than there are. The
 * models are followed with steps of their own, and each says that the rest was not.
 */
function keepWhatWasMade({ budget, frozen }: Machine): void {
  const stopped = budget.renew(MOST_STEPS);
  if (stopped !== null) frozen.push(stopped);
}

/** Sizes that follow from assumed arguments are not known. */
function withoutAssumed(reading: ModelReading): ModelReading {
  const graph = reading.graph === null ? null : { ...reading.graph, parameters: null };
  const variant = reading.variant === null ? null : { ...reading.variant, parameters: null };
  return { ...reading, graph, variant };
}
