/** Samples that flip, in words. Pure. */
import type { FlippedCard, FlippedSamples } from "../../engine/protocol/flippedSamples";
import { wholePercent } from "../marks/probabilityBars";
import type { RunView } from "../protocol";
import { counted, thousands, twoDigits } from "../ui/format";

const nouns: readonly string[] = ["image", "row", "sequence"];

/** What one sample is called. */
export function nounOf({ run }: Pick<RunView, "run">): string {
  const sample = run?.data?.sample ?? "";
  return nouns.includes(sample) ? sample : "sample";
}

export const headingOf = (noun: string): string => `${noun.charAt(0).toUpperCase()}${noun.slice(1)}s that flip`;

/** "45 of 71 become 9.": where most of them go, if that is more than one. */
export function becomeWords({ flips, gained, classes }: FlippedSamples): string {
  const most = Math.max(0, ...gained);
  const name = classes[gained.indexOf(most)];
  return most < 2 || name === undefined ? "" : `${thousands(most)} of ${thousands(flips)} become ${name}.`;
}

/** "64 flips become wrong, 4 become right, 3 stay wrong." */
export function outcomeWords({ becomeWrong, becomeRight, stayWrong }: FlippedSamples): string {
  const parts = [
    [becomeWrong, "wrong"],
    [becomeRight, "right"],
  ] as const;
  const become = parts.filter(([count]) => count > 0).map(([count, what]) => `${thousands(count)} become ${what}`);
  const all = [...become, ...(stayWrong > 0 ? [`${thousands(stayWrong)} stay wrong`] : [])];
  return all.length === 0 ? "" : `${all.join(", ")}.`;
}

export const noneWords = ({ samples, step }: FlippedSamples, noun: string): string =>
  `None of ${counted(samples, noun)} flips at step ${thousands(step)}.`;

/** How sure each mode is of its own answer: "100 → 34 %". */
export function surenessWords({ probabilities, train, eval: evaluated }: FlippedCard): string {
  const before = probabilities.find(({ name }) => name === train)?.train ?? Number.NaN;
  const after = probabilities.find(({ name }) => name === evaluated)?.eval ?? Number.NaN;
  return `${wholePercent(before).replace(/\u00a0%$/, "")} → ${wholePercent(after)}`;
}

/** The label, ticked where the flip becomes right. */
export const labelWords = ({ label, becomes }: FlippedCard): string =>
  becomes === "right" ? `label ${label} ✓` : `label ${label}`;

export const stripWords = ({ flipsAt }: FlippedCard): string =>
  `Flips at ${flipsAt.filter(Boolean).length} of ${counted(flipsAt.length, "probe")}`;

/** "width 0.52, height 1.3": the values of a row that have room, by their names where those are known. */
export function rowValues(
  { row }: FlippedCard,
  { columns }: FlippedSamples,
  most: number,
): { readonly name: string; readonly value: string }[] {
  return (row ?? []).slice(0, most).map((value, index) => ({
    name: columns?.[index] ?? `value ${index + 1}`,
    value: value < 0 ? `−${twoDigits(-value)}` : twoDigits(value),
  }));
}
