/**
 * The places where a file makes BN layers, with the arguments they get.
 *
 * The graph knows best: it has followed constants, defaults, subclasses and later assignments (`m.momentum = 0.01`).
 * A block that only other files use, or a model that needs arguments, is in no graph; there a call of
 * `nn.BatchNorm2d` whose arguments are plain numbers still says enough, unless the file changes them later.
 */
import type { Framework, SourceRange } from "../protocol/modelGraph";
import { normalizationDefaults } from "../protocol/normalization";
import type { CallExpression, Expression } from "../python/expressions";
import {
  constructorCall,
  groupBySite,
  isGiven,
  normLayers,
  rangeKey,
  rangeOf,
  type BatchNormLayer,
  type FindingContext,
} from "./context";
import { hasSpread, locateArgument, normArgument, normPositions } from "./python/arguments";
import { constantNumber, fullPath } from "./python/constants";
import { passedSettings } from "./passedSettings";
import { assignmentsIn } from "../python/walk";
import { complement } from "./wording";

export interface NormSite {
  /** Names of the layers made here; empty when no model could be followed. */
  readonly layers: readonly string[];
  readonly expression: SourceRange;
  /** null when the arguments can't be distinguished in the text. */
  readonly call: CallExpression | null;
  readonly framework: Framework;
  readonly epsilon: number;
  /** The weight of the new value, whatever the framework calls its momentum; null is the cumulative average. */
  readonly momentum: number | null;
  readonly tracksRunningStats: boolean;
}

export function normSites(context: FindingContext): readonly NormSite[] {
  const known = found.get(context) ?? findNormSites(context);
  found.set(context, known);
  return known;
}

/** Several rules ask for the sites of one reading. */
const found = new WeakMap<FindingContext, readonly NormSite[]>();

function findNormSites(context: FindingContext): readonly NormSite[] {
  const changed = changedSettings(context);
  return [...graphSites(context), ...passedSites(context), ...textSites(context)].map((site) =>
    withoutDoubt(context, site, changed),
  );
}

/**
 * A value that the constructor gave may be replaced where the file changes it, in a function that is not called here,
 * or for
 * a model that another file builds: then nothing is reported. A value that the graph saw being set later is certain.
 */
function withoutDoubt(context: FindingContext, site: NormSite, changed: ReadonlySet<Setting>): NormSite {
  // Keras layers whose settings the file changes later are followed, and nothing else is known of them.
  if (site.framework === "keras")
    return changed.has("momentum") ? { ...site, momentum: normalizationDefaults.keras.runningStatsUpdateWeight } : site;
  const isFirst = (name: Setting, value: number | null): boolean => {
    const argument = site.call === null ? null : locateArgument(site.call, name, normPositions[name]);
    return (
      changed.has(name) &&
      (argument === null ? site.call === null : constantNumber(argument.value, context.names.numbers) === value)
    );
  };
  return {
    ...site,
    epsilon: isFirst("eps", site.epsilon) ? normalizationDefaults.pytorch.epsilon : site.epsilon,
    momentum: isFirst("momentum", site.momentum)
      ? normalizationDefaults.pytorch.runningStatsUpdateWeight
      : site.momentum,
    tracksRunningStats: site.tracksRunningStats || changed.has("track_running_stats"),
  };
}

/** Layers of one expression with different values (`eps=eps`) are different sites. */
function graphSites(context: FindingContext): NormSite[] {
  return groupBySite(normLayers(context)).flatMap((layers) => {
    const variants = new Map<string, typeof layers>();
    for (const layer of layers) {
      const { epsilon, runningStatsUpdateWeight, trackRunningStats } = layer.op;
      const key = [epsilon, runningStatsUpdateWeight, trackRunningStats].join();
      variants.set(key, [...(variants.get(key) ?? []), layer]);
    }
    return [...variants.values()].flatMap((same): NormSite[] => {
      const [first] = same;
      if (first === undefined) return [];
      const { epsilon, momentum, tracksRunningStats } = settingsOf(first, context.graph?.framework ?? "pytorch");
      return [
        {
          layers: same.map(({ name }) => name),
          expression: first.range,
          call: constructorCall(context, first),
          framework: context.graph?.framework ?? "pytorch",
          epsilon,
          momentum,
          tracksRunningStats,
        },
      ];
    });
  });
}

/** What a call in this file says about layers of another: of them only that setting counts here. */
function passedSites(context: FindingContext): NormSite[] {
  const { epsilon, runningStatsUpdateWeight } = normalizationDefaults.pytorch;
  return passedSettings(context).flatMap(({ name, range, layers }): NormSite[] => {
    const [first] = layers;
    if (first === undefined) return [];
    const own = settingsOf(first, "pytorch");
    return [
      {
        layers: layers.map((layer) => layer.name),
        expression: range,
        call: null,
        framework: "pytorch",
        epsilon: name === "eps" ? own.epsilon : epsilon,
        momentum: name === "momentum" ? own.momentum : runningStatsUpdateWeight,
        tracksRunningStats: name !== "track_running_stats" || own.tracksRunningStats,
      },
    ];
  });
}

/** A setting that follows from an argument that nobody gave keeps its default, which no rule objects to. */
function settingsOf(
  layer: BatchNormLayer,
  framework: Framework,
): Pick<NormSite, "epsilon" | "momentum" | "tracksRunningStats"> {
  const { op } = layer;
  const defaults = normalizationDefaults[framework];
  return {
    epsilon: isGiven(layer, framework === "keras" ? "epsilon" : "eps") ? op.epsilon : defaults.epsilon,
    momentum: isGiven(layer, "momentum") ? op.runningStatsUpdateWeight : defaults.runningStatsUpdateWeight,
    tracksRunningStats: op.trackRunningStats || !isGiven(layer, "track_running_stats"),
  };
}

const KERAS_NORM_PATH = /^(tensorflow\.)?keras\.(\w+\.)*BatchNormalization(V[12])?$/;
const NORM_PATH = /^torch\.nn\.(BatchNorm[123]d|SyncBatchNorm)$/;

function textSites(context: FindingContext): NormSite[] {
  // A layer whose input is unknown is in the graph without its settings.
  const covered = new Set(normLayers(context).map((layer) => rangeKey(layer.range)));
  return [...context.calls.values()].flatMap((call): NormSite[] => {
    const path = fullPath(call.callee, context.names.imports);
    if (path === null || hasSpread(call)) return [];
    const isKeras = KERAS_NORM_PATH.test(path);
    if (!isKeras && !NORM_PATH.test(path)) return [];
    const expression = rangeOf(context, call);
    if (covered.has(rangeKey(expression))) return [];
    const site = isKeras ? kerasTextSite(context, call, expression) : textSite(context, call, expression);
    return site === null ? [] : [site];
  });
}

function textSite({ names }: FindingContext, call: CallExpression, expression: SourceRange): NormSite | null {
  const argument = (name: Setting): Expression | null => locateArgument(call, name, normPositions[name])?.value ?? null;
  const number = (value: Expression | null, fallback: number): number | null =>
    value === null ? fallback : constantNumber(value, names.numbers);
  const defaults = normalizationDefaults.pytorch;
  const epsilon = number(argument("eps"), defaults.epsilon);
  const momentum = number(argument("momentum"), defaults.runningStatsUpdateWeight);
  const tracks = argument("track_running_stats");
  const isFlag = tracks === null || (tracks.kind === "constant" && typeof tracks.value === "boolean");
  if (epsilon === null && momentum === null && !isFlag) return null;
  // What the text does not decide keeps its default, which no rule objects to.
  return {
    layers: [],
    expression,
    call,
    framework: "pytorch",
    epsilon: epsilon ?? defaults.epsilon,
    momentum: momentum ?? defaults.runningStatsUpdateWeight,
    tracksRunningStats: !(tracks?.kind === "constant" && tracks.value === false),
  };
}

/** The model around it may be anything: only a momentum that is written as a number counts. */
function kerasTextSite({ names }: FindingContext, call: CallExpression, expression: SourceRange): NormSite | null {
  const argument = normArgument(call, "keras", "momentum");
  const momentum = argument === null ? null : constantNumber(argument.value, names.numbers);
  if (momentum === null) return null;
  return {
    layers: [],
    expression,
    call,
    framework: "keras",
    epsilon: normalizationDefaults.keras.epsilon,
    momentum: complement(momentum),
    tracksRunningStats: true,
  };
}

type Setting = keyof typeof normPositions;

/**
 * Settings that the file changes after construction (`m.momentum = 0.01`): there the constructor's arguments are not
 * the last word.
 */
function changedSettings({ file }: FindingContext): ReadonlySet<Setting> {
  const changed = new Set<Setting>();
  for (const target of assignmentsIn(file.module.body).flatMap(({ targets }) => targets)) {
    const isOwn = target.kind === "attribute" && target.object.kind === "name" && target.object.name === "self";
    if (target.kind === "attribute" && !isOwn && target.name in normPositions) changed.add(target.name as Setting);
  }
  return changed;
}
