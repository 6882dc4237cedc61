/** A network is trained with its running statistics in 16 bits, in which small updates are lost. */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, lineText, nameAt, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import { isOnly } from "../scriptContext";

const BITS = { bfloat16: 8, float16: 11 } as const;

export function lowPrecisionStatistics(context: ScriptContext): SourceFinding[] {
  const trained = context.trace.forwards.flatMap((forward) => {
    const { lowPrecision, training } = forward;
    const isTrained = training !== null && isOnly(training.modes, "train") && !forward.isHeld;
    return lowPrecision !== null && isTrained && forward.hasNorm ? [{ forward, lowPrecision }] : [];
  });
  return grouped(trained, ({ lowPrecision }) => siteKey(lowPrecision.site)).flatMap(([first]) => {
    if (first === undefined) return [];
    const { forward, lowPrecision } = first;
    const range = rangeAt(context, { site: lowPrecision.site, frames: forward.frames });
    if (range === null) return [];
    const name = nameAt(context, forward.module, forward);
    return [
      findingOf({
        rule: "low-precision-statistics",
        layers: [],
        expression: range,
        verdict: `The running statistics of ${name} become ${lowPrecision.type} here.`,
        evidence:
          `${lowPrecision.type} has ${BITS[lowPrecision.type]} significant bits. The forward pass on ` +
          `${lineText(context, forward.site)} updates the statistics by a tenth of what a batch differs, and what is ` +
          "smaller than half of the last bit is lost: they stop short of the batches.",
        next: "Use torch.autocast with a float32 model, or convert the BN layers back with float().",
      }),
    ];
  });
}
