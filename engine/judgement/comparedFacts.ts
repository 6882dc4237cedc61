/** What was set in the runs that are compared: which of them differ in their seed alone, and in what the others do. */
import type { Difference } from "../protocol/comparison";
import { fileName, thousands, twoDigits } from "../protocol/numberText";
import { momentumOf } from "../protocol/normalization";
import { type NormLayer, normLayersOf, type RunRecord } from "../protocol/records";

/** They change how a run is made, and none of its numbers. */
const WITHOUT_EFFECT = new Set(["seed", "threads", "memoryLimit", "checkpointEvery"]);
const SEED_ARGUMENT = /(--?[\w-]*seed[= ]+)\S+/gi;

export const seedOf = (run: RunRecord | null): string | null => {
  const seed = run?.config?.seed ?? run?.settings["seed"] ?? null;
  return seed === null ? null : String(seed);
};

/** Equal for runs that differ in their seed alone; null while that is not known. */
export function variantKey(run: RunRecord | null): string | null {
  if (run === null || seedOf(run) === null) return null;
  const { source, model, framework, parameters, plannedSteps, data, ranks, process, layers, producer } = run;
  const facts = { source, model, framework, parameters, plannedSteps, data, ranks, layers, producer };
  return JSON.stringify({ ...facts, settings: settingsOf(run), command: commandOf(process?.command) });
}

const commandOf = (command: string | null | undefined): string | null => command?.replace(SEED_ARGUMENT, "$1…") ?? null;

/** By name, sorted. Of our own engine all of them are known: what is absent has its default. */
function settingsOf({ settings, config }: RunRecord): [name: string, value: string][] {
  return Object.entries(config ?? settings)
    .flatMap(([name, value]): [string, string][] =>
      WITHOUT_EFFECT.has(name) || value === null || value === undefined ? [] : [[name, valueText(value)]],
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const valueText = (value: string | number | boolean | object): string =>
  typeof value === "object" ? plainObject(value) : String(value);

const plainObject = (value: object): string =>
  JSON.stringify(value)
    .replace(/["{}]/g, "")
    .replace(/([:,])/g, "$1 ");

const titles: Readonly<Record<string, string>> = {
  batchSize: "Batch size",
  learningRate: "Learning rate",
  optimizer: "Optimizer",
  momentum: "Optimizer momentum",
  weightDecay: "Weight decay",
  loss: "Loss",
  steps: "Steps",
  data: "Data",
  order: "Order",
  schedule: "Schedule",
  initialize: "Initial weights",
};

const UNKNOWN_VALUE = "unknown";
/** Of a model without such layers: how many it has is a row of its own. */
const NONE = "none";

/** `variants` has the runs of each, which differ in their seed alone. */
export function differencesOf(variants: readonly (readonly (RunRecord | null)[])[]): Difference[] {
  const firsts = variants.map(([first]) => first ?? null);
  const known = firsts.filter((run) => run !== null);
  const allOwn = known.every(({ config }) => config !== null);
  const oneKind = allOwn || known.every(({ config }) => config === null);
  const names = [...new Set(known.flatMap((run) => settingsOf(run).map(([name]) => name)))];
  const absent = allOwn ? "default" : null;
  const rows: [name: string, values: readonly (string | null)[]][] = [
    ...modelFacts.map(({ name, value }): [string, (string | null)[]] => [name, firsts.map((run) => run && value(run))]),
    ...(oneKind ? [["Other layers", otherLayers(firsts)] satisfies [string, (string | null)[]]] : []),
    ...names.map((name): [string, (string | null)[]] => [
      titles[name] ?? name,
      firsts.map((run) => run && (Object.fromEntries(settingsOf(run))[name] ?? absent)),
    ]),
    ["Seed", variants.map(seedsOf)],
  ];
  return rows
    .filter(([, values]) => new Set(values.filter((value) => value !== null && value !== NONE)).size > 1)
    .map(([name, values]) => ({ name, values: values.map((value) => value ?? UNKNOWN_VALUE) }));
}

function seedsOf(runs: readonly (RunRecord | null)[]): string | null {
  const seeds = runs.map(seedOf).filter((seed) => seed !== null);
  return seeds.length === 0 ? null : seeds.sort((a, b) => Number(a) - Number(b)).join(", ");
}

const modelFacts: readonly { readonly name: string; readonly value: (run: RunRecord) => string | null }[] = [
  { name: "Model", value: ({ model }) => model },
  { name: "File", value: ({ source }) => (source ? fileName(source.path) : null) },
  { name: "File’s contents", value: ({ source }) => source?.sha256?.slice(0, 8) ?? null },
  { name: "Framework", value: ({ framework }) => framework },
  { name: "Parameters", value: ({ parameters }) => (parameters === null ? null : thousands(parameters)) },
  // Before the first pass a recorder knows no layer.
  { name: "BN layers", value: (run) => (run.layers.length === 0 ? null : String(normLayersOf(run).length)) },
  { name: "BN kind", value: (run) => byLayer(run, ({ kind }) => kind) },
  { name: "BN momentum", value: momentumText },
  { name: "BN ε", value: (run) => byLayer(run, ({ norm }) => (norm.epsilon === null ? null : String(norm.epsilon))) },
  { name: "BN samples", value: (run) => byLayer(run, ({ norm }) => sampleText(norm.samplesPerChannel)) },
  { name: "Data set", value: ({ data }) => data?.name ?? null },
  { name: "Processes", value: ({ ranks }) => String(ranks) },
  { name: "Command", value: ({ process }) => commandOf(process?.command) },
];

const sampleText = (samples: number | null): string | null => (samples === null ? null : twoDigits(samples));

function momentumText(run: RunRecord): string | null {
  return byLayer(run, ({ norm: { updateWeight }, framework }) => {
    if (updateWeight === null || updateWeight === "cumulative") return updateWeight;
    return String(momentumOf(updateWeight, framework ?? run.framework));
  });
}

const MOST_EXCEPTIONS = 2;

/** What most layers have, then the layers that have something else: "0.1, bn1 0.01". Null where none is known. */
function byLayer(run: RunRecord, textOf: (layer: NormLayer) => string | null): string | null {
  if (run.layers.length > 0 && normLayersOf(run).length === 0) return NONE;
  const texts = normLayersOf(run).map((layer) => ({ name: layer.name, text: textOf(layer) }));
  const counts = new Map<string, number>();
  for (const { text } of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [usual] = [...counts].sort(([, a], [, b]) => b - a);
  if (!usual) return null;
  const others = texts.filter(({ text }) => text !== null && text !== usual[0]);
  const named = others.slice(0, MOST_EXCEPTIONS).map(({ name, text }) => `${name} ${text ?? ""}`);
  const more = others.length > MOST_EXCEPTIONS ? [`${others.length - MOST_EXCEPTIONS} more`] : [];
  return [usual[0], ...named, ...more].join(", ");
}

/** How many layers without BN a run has of each kind of which the runs do not have the same number. */
function otherLayers(runs: readonly (RunRecord | null)[]): (string | null)[] {
  const counted = runs.map((run) => (run === null || run.layers.length === 0 ? null : kindsOf(run)));
  const kinds = [...new Set(counted.flatMap((counts) => [...(counts?.keys() ?? [])]))];
  const differing = kinds.filter(
    (kind) => new Set(counted.map((counts) => counts && (counts.get(kind) ?? 0))).size > 1,
  );
  return counted.map((counts) => {
    if (counts === null) return null;
    const own = differing.flatMap((kind) => (counts.has(kind) ? [`${counts.get(kind) ?? 0} ${kind}`] : []));
    return own.length === 0 ? "none of these" : own.join(", ");
  });
}

function kindsOf({ layers }: RunRecord): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { kind, norm } of layers)
    if (kind !== null && norm === null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
