/** Every model of a file, which is evaluated once for all of them. */
import { batchNormLayers, calledLayers, type ModelGraph, type SourceRange } from "../protocol/modelGraph";
import type { SourceFile } from "../python/parse";
import { callsIn, dottedName } from "../python/walk";
import { defaultLimits } from "./interpreter/createMachine";
import { builderCandidates } from "./candidates";
import { waysToNorms, withOpenOptions } from "./assumed/attempts";
import { readAsCalled } from "./assumed/calledElsewhere";
import { readAssumed } from "./assumed/readAssumed";
import type { ModuleInstance } from "./buildGraph";
import { readInstance, readOpened, unreadable } from "./readModel";
import type { ModelReading, ReadModelInput } from "./modelReading";
import { openFile, type OpenedFile, separately } from "./openFile";
import { wholeModels } from "./wholeModels";

/**
 * Steps of a whole file: its statements, what it imports and all its models. A model that begins before `begin` is
 * spent has room to be read to its end.
 */
const MOST_STEPS = { begin: 1_500_000, all: 2_000_000 };

export interface EveryModel {
  /** Models that can be built as the file says. The first is the one that a person is shown. */
  readonly readings: readonly ModelReading[];
  /** Models that functions of the file build, of classes that are among the others with their defaults. */
  readonly built: readonly ModelReading[];
  /** For each definition that needs arguments, what it makes with several likely ones. */
  readonly assumed: readonly (readonly ModelReading[])[];
  /** The same for definitions with options, where no other reading has a normalization that they make. */
  readonly otherwise: readonly (readonly ModelReading[])[];
  /** Networks of other files, of which models of this one are parts. */
  readonly around: readonly ModelReading[];
  /** Models that were not read, because the others took too long. */
  readonly left: number;
  /** What reading took: the same for the same texts. */
  readonly steps: number;
}

/** Reads all models of a file that has been parsed. */
export function readEveryModel(input: ReadModelInput, file: SourceFile): EveryModel {
  try {
    return everyModel(openFile({ ...input, limits: { ...defaultLimits, wholeFile: MOST_STEPS.all } }, file));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return {
      readings: [unreadable(input, file)],
      built: [],
      assumed: [],
      otherwise: [],
      around: [],
      left: 0,
      steps: 0,
    };
  }
}

/** A model of a file whose models all need arguments, with likely ones; null when none can be made. */
export function readLikelyModel(input: ReadModelInput, file: SourceFile): ModelReading | null {
  const opened = openFile(input, file);
  const called = readAsCalled(opened);
  const first = called.readings.at(-1) ?? called.assumed[0]?.[0];
  if (first !== undefined) return first;
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
    if (machine.budget.total > MOST_STEPS.begin) left++;
    else readings.push(separately(machine, () => readOpened(opened, expression)));
  }
  const built = separately(machine, () => builderCandidates(machine, scope, candidates)).flatMap(({ expression }) =>
    machine.budget.total > MOST_STEPS.begin ? [] : [separately(machine, () => readOpened(opened, expression))],
  );
  const called = readAsCalled(opened);
  readings.push(...called.readings);
  assumed.push(...called.assumed);
  const shown = new ShownPlaces([...readings, ...called.assumed.flat()]);
  for (const model of unnamedModels(opened)) {
    if (machine.budget.total > MOST_STEPS.begin) break;
    const reading = separately(machine, () => readInstance(opened, model, ORIGIN));
    if (shown.callsAll(reading)) continue;
    readings.push(reading);
    shown.add([reading]);
  }
  for (const { attempt, norms } of waysToNorms(machine, scope)) {
    if (norms.every((range) => shown.isWithin(range))) continue;
    const likely = machine.budget.total > MOST_STEPS.begin ? null : readAssumed(opened, attempt);
    // What holds on every way is not known of ways that nobody followed.
    if (likely === null || machine.budget.total > MOST_STEPS.all) left++;
    else {
      assumed.push(likely);
      shown.add(likely);
    }
  }
  const otherwise = withOtherOptions(opened, shown);
  const { around } = called;
  const tried = assumed.filter(({ length }) => length > 0);
  return { readings, built, assumed: tried, otherwise, around, left, steps: machine.budget.total };
}

/** Definitions of a file that are followed once more for their options. */
const MOST_WITH_OPTIONS = 4;

/** `def build(backbone="small")`, where only another backbone has a normalization of its own. */
function withOtherOptions(opened: OpenedFile, shown: ShownPlaces): ModelReading[][] {
  const { machine, scope, file } = opened;
  const places = normCalls(file).filter((range) => !shown.has(range));
  const found: ModelReading[][] = [];
  for (const { attempt, norms } of places.length === 0 ? [] : waysToNorms(machine, scope)) {
    const isFull = found.length >= MOST_WITH_OPTIONS || machine.budget.total > MOST_STEPS.begin;
    const isMissing = places.some((place) => !shown.has(place) && norms.some((range) => isWithin(place, range)));
    if (isFull || !isMissing || attempt.options.length === 0) continue;
    const readings = readAssumed(opened, withOpenOptions(attempt));
    if (machine.budget.total > MOST_STEPS.all) break;
    found.push(readings);
    shown.add(readings);
  }
  return found;
}

/** Where a file makes a normalization by its name. */
const normCalls = (file: SourceFile): SourceRange[] =>
  callsIn(file.module.body)
    .filter(({ callee }) => /(^|\.)(Sync)?BatchNorm(alization|\dd)$/.test(dottedName(callee) ?? ""))
    .map((call) => file.lines.range(file.path, call));

const isWithin = (inner: SourceRange, outer: SourceRange): boolean =>
  inner.path === outer.path && inner.startLine >= outer.startLine && inner.endLine <= outer.endLine;

const ORIGIN = { model: "model", notes: [], inputs: [], data: null };

/** Of a file that makes very many models, the last ones. */
const MOST_UNNAMED = 12;

/** Models that a file's statements make and that no name is left of: `model = …` twice, `train(build(8))`. */
function unnamedModels({ made, scope, file }: OpenedFile): ModuleInstance[] {
  const named = new Set(scope.variables.values());
  return wholeModels(made)
    .filter((model) => !named.has(model) && model.range.path === file.path)
    .slice(-MOST_UNNAMED);
}

/** Where the layers are made that models call: a few places, however many layers and models there are. */
class ShownPlaces {
  /** Of layers that models call, and whether what matters of them is known in one. */
  private readonly places = new Map<string, { readonly range: SourceRange; isKnown: boolean }>();
  /** Of layers that the file or a library makes and a model calls, and of those that the file makes, called or not. */
  private readonly called = new Set<string>();
  private readonly made = new Set<string>();

  constructor(readings: readonly ModelReading[]) {
    this.add(readings);
  }

  add(readings: readonly ModelReading[]): void {
    for (const { graph } of readings) {
      if (graph === null) continue;
      const around = aroundNorms(graph);
      for (const { origin, range } of graph.layers) if (origin === "source") this.made.add(keyOf(range));
      for (const { name, origin, range, parameters } of calledLayers(graph)) {
        this.called.add(keyOf(range));
        if (origin === "source") this.addPlace(range, parameters !== null || !around.has(name));
      }
    }
  }

  private addPlace(range: SourceRange, isKnown: boolean): void {
    const place = this.places.get(keyOf(range)) ?? { range, isKnown: false };
    place.isKnown ||= isKnown;
    this.places.set(keyOf(range), place);
  }

  /** Whether a model has a layer that is made here. */
  has(range: SourceRange): boolean {
    return this.made.has(keyOf(range));
  }

  /** Whether other models call normalizations of the same places. */
  callsAll({ graph }: ModelReading): boolean {
    const norms = graph === null ? [] : batchNormLayers(graph);
    return norms.every(({ range }) => this.called.has(keyOf(range)));
  }

  /** Whether models call layers that these lines make, and what matters of them is known in one. */
  isWithin(lines: SourceRange): boolean {
    const inside = [...this.places.values()].filter(({ range }) => isWithin(range, lines));
    return inside.length > 0 && inside.every(({ isKnown }) => isKnown);
  }
}

const keyOf = ({ path, startLine, endLine }: SourceRange): string => `${startLine} ${endLine} ${path}`;

/** BN layers, also of unknown size, and the layers whose output they get. */
function aroundNorms({ layers, nodes }: ModelGraph): Set<string> {
  const norms = new Set(layers.flatMap(({ name, className }) => (/BatchNorm|ABN/.test(className) ? [name] : [])));
  const inputs = new Set(nodes.flatMap((node) => (norms.has(node.layer) ? node.inputs : [])));
  return new Set([...norms, ...nodes.flatMap(({ id, layer }) => (inputs.has(id) ? [layer] : []))]);
}
