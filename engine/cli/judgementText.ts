/** What is wrong with a run, as a terminal says it: the words of the panel. */
import { partText } from "../judgement/parts";
import { type Judgement, type Verdict, type ViewId, viewTitles } from "../protocol/judgement";

export function judgementText({ verdicts, notes, findings }: Judgement): string {
  const { overview, ...layerViews } = verdicts;
  // Where nothing can be judged, every view says the same.
  const others = Object.entries(layerViews).filter(([, { sentence }]) => sentence !== overview.sentence);
  return [
    ...verdictLines(overview),
    ...others.map(([view, { sentence }]) => `${viewTitles[view as ViewId]}: ${sentence}`),
    // The overview has the words of the worst finding where nothing is worse.
    ...findings
      .filter(({ verdict }) => verdict !== overview.sentence)
      .map(({ severity, verdict, evidence, next }) => `${severity}: ${[verdict, evidence, next].join(" ").trim()}`),
    ...notes,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function verdictLines({ sentence, answers }: Verdict): string[] {
  const width = Math.max(0, ...answers.map(({ label }) => label.length));
  return [sentence, ...answers.map(({ label, parts }) => `  ${label.padEnd(width)}  ${parts.map(partText).join("")}`)];
}
