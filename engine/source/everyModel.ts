/** Every model of a file, which is evaluated once for all of them. */
import type { Layer, SourceRange } from "../protocol/modelGraph";
import type { SourceFile } from "../python/parse";
import { waysToNorms } from "./assumed/attempts";
import { readAsCalled } from "./assumed/calledElsewhere";
import { readAssumed } from "./assumed/readAssumed";
import { readOpened, unreadable } from "./readModel";
import type { ModelReading, ReadModelInput } from "./modelReading";
import { openFile, type OpenedFile, separately } from "./openFile";

/** More steps than this for all models of a file, and the rest is not read: about two seconds. */
const MOST_STEPS = 2_000_000;

export interface EveryModel {
  /** Models that can be built as the file says. The first is the one that a person is shown. */
  readonly readings: readonly ModelReading[];
  /** For each definition that needs arguments, what it makes with several likely ones. */
  readonly assumed: readonly (readonly ModelReading[])[];
  /** Models that were not read, because the others took too long. */
  readonly left: number;
}

/** Reads all models of a file that has been parsed. */
export function readEveryModel(input: ReadModelInput, file: SourceFile): EveryModel {
  try {
    return everyModel(openFile(input, file));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { readings: [unreadable(input, file)], assumed: [], left: 0 };
  }
}

/** A model of a file whose models all need arguments, with likely ones; null when none can be made. */
export function readLikelyModel(input: ReadModelInput, file: SourceFile): ModelReading | null {
  const opened = openFile(input, file);
  const [called] = readAsCalled(opened).reverse();
  if (called !== undefined) return called;
  for (const { attempt } of waysToNorms(opened.machine, opened.scope)) {
    const [likely] = readAssumed(opened, attempt, 0);
    if (likely !== undefined) return likely;
  }
  return null;
}

function everyModel(opened: OpenedFile): EveryModel {
  const { machine, scope, candidates } = opened;
  const first = separately(machine, () => readOpened(opened));
  const readings = [first];
  const assumed: (readonly ModelReading[])[] = [];
  let left = 0;
  const others = candidates.filter(({ expression }) => expression !== first.model);
  for (const { expression } of others.filter(({ requires }) => requires.length === 0)) {
    if (machine.budget.total > MOST_STEPS) left++;
    else readings.push(separately(machine, () => readOpened(opened, expression)));
  }
  readings.push(...readAsCalled(opened));
  for (const { attempt, norms } of waysToNorms(machine, scope)) {
    if (norms.every((range) => isShown(range, [...readings, ...assumed.flat()]))) continue;
    if (machine.budget.total > MOST_STEPS) left++;
    else assumed.push(readAssumed(opened, attempt));
  }
  return { readings, assumed: assumed.filter(({ length }) => length > 0), left };
}

/** Whether a model contains a layer that these lines make. */
function isShown({ path, startLine, endLine }: SourceRange, readings: readonly ModelReading[]): boolean {
  const isInside = ({ range }: Layer): boolean =>
    range.path === path && range.startLine >= startLine && range.endLine <= endLine;
  return readings.some(({ graph }) => graph?.layers.some((layer) => layer.origin === "source" && isInside(layer)));
}
