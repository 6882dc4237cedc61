/**
 * Two kinds of data pass one network apart, in one training step: each batch is normalized with its own statistics,
 * and the
 * running ones are a mixture that fits neither (pytorch/pytorch#1738).
 */
import type { CallExpression } from "../../../python/expressions";
import { callsIn } from "../../../python/walk";
import { findingOf } from "../../draft";
import { areUnlike, madeBy } from "../../python/madeBy";
import type { SourceFinding } from "../../sourceFinding";
import { kindOfPair, type InputKind } from "../kindsOfInput";
import {
  functionOf,
  grouped,
  isOnly,
  lineText,
  nameAt,
  rangeAt,
  siteKey,
  trainedModules,
  usesBatchStatistics,
  type ScriptContext,
} from "../scriptContext";
import type { Forward, ObjectValue } from "../../../script/tracedValues";
import { tokensOf } from "../../../script/words";

interface Pair {
  readonly first: Forward;
  readonly second: Forward;
}

export function oneNormForTwoInputs(context: ScriptContext): SourceFinding[] {
  const pairs = pairsOf(context);
  const apart = pairs.filter((pair) => comeFromElsewhere(context, pair));
  const opposite = pairs.filter((pair) => !apart.includes(pair) && areOpposite(pair));
  const known = new Set([...apart, ...opposite].map(({ second }) => siteKey(second.site)));
  return [
    ...namedKinds(context, known),
    ...grouped(apart, ({ second }) => siteKey(second.site)).flatMap(([pair]) =>
      pair === undefined ? [] : describe(context, pair, "unlike"),
    ),
    ...grouped(opposite, ({ second }) => siteKey(second.site)).flatMap(([pair]) =>
      pair === undefined ? [] : describe(context, pair, "opposite"),
    ),
  ];
}

const trainedPasses = ({ trace }: ScriptContext): Forward[] =>
  trace.forwards.filter((pass) => pass.training !== null && pass.hasNorm && usesBatchStatistics(pass) && !pass.isInner);

/** Passes of one network in one round of a loop that one backward pass trains, called in the same way. */
function pairsOf(context: ScriptContext): Pair[] {
  const passes = trainedPasses(context);
  return passes.flatMap((first, index) =>
    passes
      .slice(index + 1)
      .filter(
        (second) =>
          second.module === first.module &&
          second.site !== first.site &&
          second.args.length === first.args.length &&
          second.loops.at(-1) === first.loops.at(-1) &&
          second.training?.site === first.training?.site,
      )
      .slice(0, 1)
      .map((second) => ({ first, second })),
  );
}

/** Passes in one round of a loop, whether one backward pass trains both: by their names they get two kinds of data. */
function namedKinds(context: ScriptContext, known: ReadonlySet<string>): SourceFinding[] {
  const trained = trainedModules(context);
  const passes = context.trace.forwards.filter(
    (pass) => trained.has(pass.module) && pass.hasNorm && usesBatchStatistics(pass) && !pass.isInner,
  );
  const found = passes.flatMap((first, index) =>
    passes.slice(index + 1).flatMap((second) => {
      const isPair =
        second.module === first.module &&
        siteKey(second.site) !== siteKey(first.site) &&
        areCalledAlike(first, second) &&
        (first.training !== null || second.training !== null) &&
        shareRound(first, second) &&
        !known.has(siteKey(second.site));
      const kind = isPair ? kindOfPair(first, second) : null;
      return kind === null || !matters(context, second, kind) ? [] : [{ first, second, kind }];
    }),
  );
  // An attack and the training around it are one place, and so are the steps of a GAN.
  const keyOf = ({ second, kind }: (typeof found)[number]): string =>
    kind === "domains" ? `${kind} ${functionKey(second)}` : `${kind} ${second.module.id}`;
  return grouped(found, keyOf).flatMap(([pair]) => (pair === undefined ? [] : describe(context, pair, pair.kind)));
}

/** Separate passes for generated and replayed samples are usual, and harmless where nobody uses the statistics. */
function matters({ trace }: ScriptContext, { module }: Forward, kind: InputKind): boolean {
  return kind === "domains" || kind === "adversarial" || trace.forwards.some((pass) => isAskedInEval(pass, module));
}

const isAskedInEval = (pass: Forward, { cls, id }: ObjectValue): boolean =>
  isOnly(pass.modes, "eval") && (pass.module.id === id || (cls !== null && pass.module.cls === cls));

/** A network that is told which kind it gets may have BN layers for each. */
function areCalledAlike({ args }: Forward, second: Forward): boolean {
  return (
    args.length === second.args.length &&
    args.every((value, index) => {
      const other = second.args[index];
      return value.kind !== "constant" || (other?.kind === "constant" && other.value === value.value);
    })
  );
}

/** The innermost loop of one is around the other, in the same round; or one function trains both, in no loop. */
function shareRound(first: Forward, second: Forward): boolean {
  const [one, other] = [first.loops.at(-1), second.loops.at(-1)];
  if (one === undefined && other === undefined)
    return first.training !== null && first.training.site === second.training?.site && first.frames.length > 0;
  return one !== undefined && other !== undefined && (first.loops.includes(other) || second.loops.includes(one));
}

function functionKey(pass: Forward): string {
  const fn = functionOf(pass);
  return fn === null ? pass.site.file.path : `${fn.file.path}:${fn.node.from}`;
}

function comeFromElsewhere({ file }: ScriptContext, { first, second }: Pair): boolean {
  const [one, other] = [first, second].map(({ site }) => {
    const call = site.file === file ? callAt(callsIn(file.module.body), site) : undefined;
    const [argument] = call?.arguments ?? [];
    return argument === undefined ? null : madeBy(file, argument.value);
  });
  return one !== undefined && one !== null && other !== undefined && other !== null && areUnlike(one, other);
}

const callAt = (
  calls: readonly CallExpression[],
  { from, to }: { from: number; to: number },
): CallExpression | undefined => calls.find((call) => call.from === from && call.to === to);

const OPPOSITES: readonly (readonly [RegExp, RegExp])[] = [
  [/^good$/, /^bad$/],
  [/^better$/, /^worse$/],
  [/^(chosen|preferred)$/, /^rejected$/],
  [/^winner$/, /^loser$/],
  [/^pos(itives?)?$/, /^neg(atives?)?$/],
];

/** `net(good)` and `net(bad)`: in a fixed order the batch statistics give away which is which. */
function areOpposite({ first, second }: Pair): boolean {
  const says = ({ words }: Forward, pattern: RegExp): boolean =>
    words.some((word) => tokensOf(word).some((token) => pattern.test(token)));
  return OPPOSITES.some(
    ([a, b]) =>
      (says(first, a) && !says(first, b) && says(second, b) && !says(second, a)) ||
      (says(first, b) && !says(first, a) && says(second, a) && !says(second, b)),
  );
}

const VERDICTS: Readonly<Record<"unlike" | "opposite" | InputKind, string>> = {
  unlike: "sees 2 kinds of data in turn, through the same BN layers.",
  domains: "sees 2 kinds of data in turn, through the same BN layers.",
  adversarial: "sees adversarial samples in passes of their own, through the same BN layers.",
  generated: "sees real and generated samples in passes of their own, through the same BN layers.",
  replayed: "sees new and replayed samples in passes of their own, through the same BN layers.",
  opposite: "sees 2 kinds of batches in a fixed order, each with its own statistics.",
};
const EVIDENCE: typeof VERDICTS = {
  unlike: "The running statistics are a mixture of both, and evaluation normalizes either kind with it.",
  domains:
    "If the two differ, the running statistics are a mixture that fits neither, and evaluation normalizes with it.",
  adversarial: "Both move the running statistics, also where a pass only serves to make the samples.",
  generated:
    "That is usual, and the running statistics are a mixture of both. The script also asks the network in eval " +
    "mode, which uses them.",
  replayed: "The running statistics are a mixture of both, and evaluation normalizes either kind with it.",
  opposite: "What tells the 2 kinds apart may be removed by that, and in evaluation both get the same statistics.",
};

function describe(
  context: ScriptContext,
  { first, second }: Pair,
  kind: "unlike" | "opposite" | InputKind,
): SourceFinding[] {
  const range = rangeAt(context, second);
  if (range === null) return [];
  const name = nameAt(context, second.module, second);
  const next: typeof VERDICTS = {
    unlike: "Use BN layers of their own for each kind of data, or 1 batch that mixes both.",
    domains: "Use BN layers of their own for each kind of data, or 1 batch that mixes both, if they differ much.",
    adversarial:
      `Call ${name}.eval() while samples are made, and use BN layers of their own for them ` +
      "if clean accuracy matters.",
    generated: `Use scores of ${name} in eval mode with care: no batch of the training was normalized that way.`,
    replayed: `Call ${name} once with both batches concatenated, unless they are alike.`,
    opposite: `Call ${name} once with both batches concatenated, unless they are alike.`,
  };
  return [
    findingOf({
      rule: kind === "opposite" ? "norm-shared" : "one-norm-for-two-inputs",
      severity: kind === "unlike" ? "warning" : "information",
      layers: [],
      expression: range,
      verdict: `${name} ${VERDICTS[kind]}`,
      evidence:
        `The passes on ${lineText(context, first.site)} and ${lineText(context, second.site)} are normalized ` +
        `apart in training. ${EVIDENCE[kind]}`,
      next: next[kind],
    }),
  ];
}
