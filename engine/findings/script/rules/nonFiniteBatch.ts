/** A batch is skipped because its loss is not finite, when BN has already taken its statistics over. */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, lineText, nameAt, rangeAt, siteKey, usesBatchStatistics, type ScriptContext } from "../scriptContext";
import { nodesIn } from "../../../python/walk";
import type { Block, ConditionalBlock } from "../../../python/statements";
import { originsOf } from "../../../script/forwards";
import type { Forward, Site } from "../../../script/tracedValues";
import type { Place } from "../../../script/tracing";

const CHECK = /^(torch|math|numpy)\.(isfinite|isnan|isinf)$/;

interface Skip {
  readonly site: Site;
  readonly forward: Forward;
}

export function nonFiniteBatch(context: ScriptContext): SourceFinding[] {
  const skips = context.trace.calls
    .filter(({ path, place }) => CHECK.test(path) && place.loops.length > 0)
    .flatMap(({ args, place }): Skip[] => {
      const forward = args.positional
        .flatMap((value) => originsOf(value))
        .map((origin) => origin.forward)
        .find((pass) => usesBatchStatistics(pass) && pass.hasNorm && !pass.noGrad && isOfRound(pass, place));
      const site = forward === undefined ? null : skippingTest(place.site);
      return forward === undefined || site === null ? [] : [{ site, forward }];
    });
  return grouped(skips, ({ site }) => siteKey(site)).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first),
  );
}

/** What a round of an inner loop leaves out is no batch of the loop around it. */
const isOfRound = (pass: Forward, place: Place): boolean => pass.loops.at(-1)?.loop === place.loops.at(-1)?.loop;

/** The test around a check that leaves the step out and goes on with the next batch. */
function skippingTest({ file, from, to }: Site): Site | null {
  for (const node of nodesIn(file.module.body)) {
    if (node.kind !== "if") continue;
    const branch = node.branches.find(({ test }) => test.from <= from && to <= test.to);
    if (branch !== undefined && (isSkip(branch) || isOnlyStep(branch, node.otherwise)))
      return { file, from: branch.test.from, to: branch.test.to };
  }
  return null;
}

/** `if not isfinite(loss): continue` */
const isSkip = ({ body }: ConditionalBlock): boolean => body.at(-1)?.kind === "continue";

/** `if isfinite(loss): loss.backward()` */
function isOnlyStep({ body }: ConditionalBlock, otherwise: Block): boolean {
  const goesOn = ![...nodesIn(otherwise)].some(({ kind }) => kind === "raise" || kind === "break" || kind === "return");
  return goesOn && [...nodesIn(body)].some((node) => node.kind === "attribute" && node.name === "backward");
}

function describe(context: ScriptContext, { site, forward }: Skip): SourceFinding[] {
  const range = rangeAt(context, { site, frames: forward.frames });
  if (range === null) return [];
  const name = nameAt(context, forward.module, forward);
  return [
    findingOf({
      rule: "nan-in-running-stats",
      severity: "warning",
      layers: [],
      expression: range,
      verdict: `A batch that is skipped here has already changed the running statistics of ${name}.`,
      evidence:
        `The forward pass on ${lineText(context, forward.site)} updates the mean and variance of BN before the ` +
        "loss is known. After 1 batch with NaN or infinity they stay NaN, and every evaluation gives NaN.",
      next: `Use torch.isfinite on the inputs, before ${name} is called.`,
    }),
  ];
}
