/** How much was found, and where to begin. */
import type { RunFinding, Severity } from "../../protocol/finding";
import type { Verdict } from "../../protocol/judgement";
import { counted, thousands } from "../../protocol/numberText";
import { severityRank } from "../findings/findingsOf";
import type { JudgedRun } from "../judgedRun";
import { answer } from "../parts";
import { lookedAt } from "./noFault";

const plurals: Readonly<Record<Severity, (count: number) => string>> = {
  error: (count) => counted(count, "error"),
  warning: (count) => counted(count, "warning"),
  information: (count) => (count === 1 ? "1 remark" : `${count} remarks`),
};

export function findingsVerdict(judged: JudgedRun, findings: readonly RunFinding[]): Verdict {
  const [worst] = findings;
  if (!worst)
    return {
      tone: judged.summary.standings.count > 0 ? "ok" : "information",
      sentence: "Rules found nothing in this run.",
      answers: judged.summary.standings.count > 0 ? [answer("Looked at", ...lookedAt(judged))] : [],
    };
  const severities = Object.keys(plurals) as Severity[];
  const counts = severities
    .sort((a, b) => severityRank[b] - severityRank[a])
    .map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => plurals[severity](count));
  return {
    tone: worst.severity,
    sentence: `${[counts.slice(0, -1).join(", "), counts.at(-1)].filter(Boolean).join(" and ")} found.`,
    answers: [
      answer("Worst", worst.verdict),
      ...(worst.step === null ? [] : [answer("Since", `Step ${thousands(worst.step)}`)]),
      ...(worst.next === "" ? [] : [answer("Next", worst.next)]),
    ],
  };
}
