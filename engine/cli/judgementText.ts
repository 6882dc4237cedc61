/** What is wrong with a run, as a terminal says it: the words of the panel. */
import { partText } from "../judgement/parts";
import { furtherVerdicts, type Judgement, type Verdict } from "../protocol/judgement";

export function judgementText(judgement: Judgement): string {
  const { verdicts, notes, findings } = judgement;
  const { overview } = verdicts;
  return [
    ...verdictLines(overview),
    ...furtherVerdicts(judgement).map(({ title, verdict }) => `${title}: ${verdict.sentence}`),
    // The overview has the words of the worst finding where nothing is worse.
    ...findings
      .filter(({ verdict }) => verdict !== overview.sentence)
      .map(({ severity, verdict, evidence, next }) => `${severity}: ${[verdict, evidence, next].join(" ").trim()}`),
    ...notes.map(({ sentence }) => sentence),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function verdictLines({ sentence, answers }: Verdict): string[] {
  const width = Math.max(0, ...answers.map(({ label }) => label.length));
  return [sentence, ...answers.map(({ label, parts }) => `  ${label.padEnd(width)}  ${parts.map(partText).join("")}`)];
}
