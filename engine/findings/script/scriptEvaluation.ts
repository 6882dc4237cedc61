/** Whether a forward pass is part of an evaluation, by what it is fed, where it is and what is done with it. */
import type { Span } from "../../python/expressions";
import type { Block } from "../../python/statements";
import { nodesIn } from "../../python/walk";
import { functionOf, trainedModules, type ScriptContext } from "./scriptContext";
import { originsOf } from "../../script/forwards";
import type { Forward, Site } from "../../script/tracedValues";
import type { ScriptTrace, TracedCall } from "../../script/tracing";
import { splitOf, tokensOf, type Split } from "../../script/words";

const EVALUATION =
  /^(val|valid|validate|validation|eval|evaluate|evaluation|test|testing|dev|inference|infer|predict|prediction)$/;
const METRIC = new RegExp(
  "^(acc|accs|accuracy|correct|corrects|iou|miou|dice|f1|auc|psnr|ssim|mse|mae|rmse|metric|metrics|" +
    "score|scores|hits|precision|recall|top1|prec1|err|error|errors|confusion|hist|perplexity|map|" +
    "evaluator|preds|predictions|wer|cer)$",
);
/** Passes that want the batch's statistics, or that measure something else than accuracy. */
const OTHER = new RegExp(
  "update_?bn|bn_?update|calib|precise|recompute|adapt|(^|_)tta|warm_?up|sanity|smoke|profil|" +
    "benchmark|speed|latency|flops|throughput|attack|advers|lr_?find|reset_bn|collect|estimate_stat",
  "i",
);

export interface Evaluation {
  readonly isHeldOut: boolean;
  readonly isNamed: boolean;
  readonly measures: boolean;
}

/** null for a pass that is no evaluation. */
export function evaluationOf(forward: Forward): Evaluation | null {
  const names = functionsAround(forward).map(({ node }) => node.name);
  if (names.some((name) => OTHER.test(name) && !isNamedSo(name))) return null;
  if (names.some((name) => /update_?bn|bn_?update|calib|precise|adapt|sanity|warm_?up/i.test(name))) return null;
  const split = splitOfPass(forward);
  const isNamed = names.some(isNamedSo);
  const evaluation = { isHeldOut: split === "held-out", isNamed, measures: measures(forward) };
  if (split === "train") return null;
  if (isNamed && forward.noGrad && trainCallOf(forward) !== null) return evaluation;
  const signs = Number(forward.noGrad) + Number(evaluation.measures) + Number(isNamed);
  return (evaluation.isHeldOut && signs >= 1) || (isNamed && forward.noGrad && evaluation.measures) ? evaluation : null;
}

/** The function of a pass, and the one with the loop that brings the data, where a helper makes the pass. */
function functionsAround(forward: Forward): NonNullable<ReturnType<typeof functionOf>>[] {
  const own = functionOf(forward);
  const loop = forward.loops.at(-1)?.loop.site;
  const around = forward.frames.flatMap(({ node, file }) =>
    node?.kind === "function" && loop?.file === file && node.from <= loop.from && loop.to <= node.to
      ? [{ node, file }]
      : [],
  );
  const last = around.at(-1);
  return [...(own === null ? [] : [own]), ...(last === undefined || last.node === own?.node ? [] : [last])];
}

/** What comes from files, by its names; not noise, and no input that only has a shape. */
const REAL = new RegExp(
  "^(images?|imgs?|photos?|pictures?|frames?|videos?|clips?|audio|wav|waveform|text|inputs?|data|dataset|batch|" +
    "loader|dataloader|to_tensor|open|imread|read|samples?|patch|patches|files?|path)$",
);
const MADE_UP = /^(dummy|random|rand|randn|noise|fake|latent|example|ones|zeros|fixed)$/;
/** A network leaves the script some other way. */
const LEAVES = /^torch\.(jit\.trace|onnx\.export)$/;

/** Pictures are written to files. */
const SAVES = /\.(save_image|imsave|imwrite|mimsave|write_png|write_jpeg|write_video)$/;

/**
 * A network whose saved weights a script loads, and asks without gradients, where the script trains nothing and nobody
 * has set a mode: `net.load_state_dict(…)`, then `net(image)`.
 */
export function isInference({ trace }: ScriptContext, forward: Forward): boolean {
  const words = new Set(
    forward.words.flatMap((word) => [word.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase(), ...tokensOf(word)]),
  );
  return (
    isLoadedAndAsked(trace, forward) &&
    forward.noGrad &&
    [...words].some((word) => REAL.test(word)) &&
    ![...words].some((word) => MADE_UP.test(word))
  );
}

/** The same where the script keeps what the network answers, whatever it is asked: `save_image(net(noise), …)`. */
export const isSampling = ({ trace }: ScriptContext, forward: Forward): boolean =>
  isLoadedAndAsked(trace, forward) && isSaved(trace, forward);

const isSaved = ({ calls }: ScriptTrace, forward: Forward): boolean =>
  calls.some(
    ({ path, args }: TracedCall) =>
      SAVES.test(path) &&
      args.positional.some((value) => originsOf(value).some((origin) => origin.forward === forward)),
  );

/** An agent chooses an action with the network that it trains: `select_action(state)`. */
export function isActing(context: ScriptContext, forward: Forward): boolean {
  const name = functionOf(forward)?.node.name ?? "";
  return forward.noGrad && ACTING.test(name) && trainedModules(context).has(forward.module);
}

const ACTING =
  /^_?(select|choose|pick|get|sample|take|greedy|best|predict)_?action$|^_?act$|^_?(select|choose|get)_?move$/i;

function isLoadedAndAsked(trace: ScriptTrace, { module, modes, frames }: Forward): boolean {
  const name = functionOf({ frames })?.node.name ?? "";
  return (
    trace.isComplete &&
    trace.backwards.length === 0 &&
    trace.steps.length === 0 &&
    !trace.calls.some(({ path }) => LEAVES.test(path)) &&
    trace.loaded.has(module) &&
    modes.every(({ site }) => site === null) &&
    !OTHER.test(name)
  );
}

const isNamedSo = (name: string): boolean => tokensOf(name).some((token) => EVALUATION.test(token));

/** The `train()` in the evaluating function of a pass that set the mode it runs in. */
export function trainCallOf(forward: Forward): Site | null {
  const fn = functionOf(forward);
  const sites = new Set(forward.modes.map(({ site, mode }) => (mode === "train" ? site : null)));
  const [site] = sites;
  if (fn === null || sites.size !== 1 || site === undefined || site === null || !isNamedSo(fn.node.name)) return null;
  const isInside = site.file === fn.file && fn.node.from <= site.from && site.to <= fn.node.to;
  return isInside ? site : null;
}

/**
 * Within a loop over training data only a plain name makes the pass an evaluation: a query set is part of training
 * there.
 */
function splitOfPass(forward: Forward): Split {
  const own = splitOf(forward.words);
  const around = splitOf(loopWords(forward));
  if (own !== "held-out" || around !== "train") return own ?? around;
  return splitOf(forward.words.filter((word) => !/query|qry|gallery/i.test(word)));
}

/** The loop that brings the data: the innermost that does not only count. */
function loopWords({ loops }: Forward): readonly string[] {
  for (const { loop } of [...loops].reverse()) if (loop.words.length > 0) return loop.words;
  return [];
}

/** Names of the loop around the pass, or of its function, that stand for a metric. */
function measures(forward: Forward): boolean {
  const functions = functionsAround(forward);
  if (functions.length > 0) return functions.some(({ node }) => namesMetric(node.body));
  const loop = forward.loops.at(-1)?.loop.site;
  return loop !== undefined && namesMetric(loop.file.module.body, loop);
}

const metrics = new WeakMap<Block, boolean>();

function namesMetric(body: Block, within?: Span): boolean {
  const known = within === undefined ? metrics.get(body) : undefined;
  if (known !== undefined) return known;
  let found = false;
  for (const node of nodesIn(body)) {
    if (found || (node.kind !== "name" && node.kind !== "attribute")) continue;
    found = isMetric(node.name) && (within === undefined || (node.from >= within.from && node.to <= within.to));
  }
  if (within === undefined) metrics.set(body, found);
  return found;
}

function isMetric(name: string): boolean {
  const tokens = tokensOf(name);
  return (
    tokens.some((token) => METRIC.test(token)) ||
    (tokens.includes("loss") &&
      tokens.some((token) => EVALUATION.test(token) || token === "total" || token === "running"))
  );
}
