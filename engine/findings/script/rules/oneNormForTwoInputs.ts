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
import { grouped, lineText, nameOf, rangeAt, siteKey, usesBatchStatistics, type ScriptContext } from "../scriptContext";
import type { Forward } from "../../../script/tracedValues";
import { tokensOf } from "../../../script/words";

interface Pair {
  readonly first: Forward;
  readonly second: Forward;
}

export function oneNormForTwoInputs(context: ScriptContext): SourceFinding[] {
  const pairs = pairsOf(context);
  const apart = pairs.filter((pair) => comeFromElsewhere(context, pair));
  const opposite = pairs.filter((pair) => !apart.includes(pair) && areOpposite(pair));
  return [
    ...grouped(apart, ({ second }) => siteKey(second.site)).flatMap(([pair]) =>
      pair === undefined ? [] : describe(context, pair, "unlike"),
    ),
    ...grouped(opposite, ({ second }) => siteKey(second.site)).flatMap(([pair]) =>
      pair === undefined ? [] : describe(context, pair, "opposite"),
    ),
  ];
}

/** Passes of one network in one round of a loop that one backward pass trains, called in the same way. */
function pairsOf({ trace }: ScriptContext): Pair[] {
  const passes = trace.forwards.filter(
    (pass) => pass.training !== null && pass.hasNorm && usesBatchStatistics(pass) && !pass.isInner,
  );
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

function describe(context: ScriptContext, { first, second }: Pair, kind: "unlike" | "opposite"): SourceFinding[] {
  const range = rangeAt(context, second);
  if (range === null) return [];
  const name = nameOf(second.module);
  const isUnlike = kind === "unlike";
  return [
    findingOf({
      rule: isUnlike ? "one-norm-for-two-inputs" : "norm-shared",
      severity: isUnlike ? "warning" : "information",
      layers: [],
      expression: range,
      verdict: isUnlike
        ? `${name} sees 2 kinds of data in turn, through the same BN layers.`
        : `${name} sees 2 kinds of batches in a fixed order, each with its own statistics.`,
      evidence:
        `The passes on ${lineText(context, first.site)} and ${lineText(context, second.site)} are normalized ` +
        `apart in ` +
        `training. ` +
        (isUnlike
          ? "The running statistics are a mixture of both, and evaluation normalizes either kind with it."
          : "What tells the 2 kinds apart may be removed by that, and in evaluation both get the same statistics."),
      next: isUnlike
        ? "Use BN layers of their own for each kind of data, or 1 batch that mixes both."
        : `Call ${name} once with both batches concatenated, unless they are alike.`,
    }),
  ];
}
