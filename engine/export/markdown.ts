/** What a run says, as a page for an issue or a wiki: the words of the panel, and the layers as a table. */
import { partText } from "../judgement/parts";
import { furtherVerdicts, type Judgement, type LayerReading, type Verdict } from "../protocol/judgement";
import { twoDigits } from "../protocol/numberText";
import type { RunRecord } from "../protocol/records";

export interface DescribedRun {
  readonly run: RunRecord;
  /** `completed, step 400 of 400` */
  readonly state: string;
  /** `MNIST, batch 64, sgd, lr 0.1` */
  readonly settings: string;
  readonly judgement: Judgement;
}

export function markdownPage({ run, state, settings, judgement }: DescribedRun): string {
  return [
    `# ${escaped(run.model ?? run.producer)}, ${escaped(run.name)}`,
    `${escaped(state)}. ${escaped(settings)}`,
    verdictText(judgement.verdicts.overview),
    ...furtherVerdicts(judgement).map(({ title, verdict }) => `**${title}.** ${escaped(verdict.sentence)}`),
    ...findingsText(judgement, run),
    layersText(judgement.layers),
    ...judgement.notes.map(({ sentence }) => escaped(sentence)),
  ]
    .filter((part) => part !== "")
    .map((part) => `${part}\n`)
    .join("\n");
}

function verdictText({ sentence, answers }: Verdict): string {
  const lines = answers.map(({ label, parts }) => `- **${escaped(label)}:** ${escaped(parts.map(partText).join(""))}`);
  return [`**${escaped(sentence)}**`, "", ...lines].join("\n");
}

function findingsText({ findings }: Judgement, run: RunRecord): string[] {
  if (findings.length === 0) return [];
  const items = findings.map(({ severity, rule, step, line, verdict, evidence, next }) => {
    const place = [
      step === null ? null : `since step ${step}`,
      line === null || run.source === null ? null : `${run.source.path ?? ""} line ${line}`,
    ].filter((part) => part !== null);
    const where = place.length === 0 ? "" : ` (${escaped(place.join(", "))})`;
    return `- **${severity}**, ${escaped(rule)}${where}: ${[verdict, evidence, next].map(escaped).join(" ").trim()}`;
  });
  return ["## Findings", items.join("\n")];
}

const HEADER = ["layer", "from population, σ", "noise floor, σ", "train-vs-eval gap, σ", "noise floor, σ"];

function layersText(layers: readonly LayerReading[]): string {
  if (layers.length === 0) return "";
  const rows = layers.map(({ name, distance, distanceFloor, gap, gapFloor }) => [
    `\`${name.replaceAll("`", "'").replaceAll("|", "\\|")}\``,
    ...[distance, distanceFloor, gap, gapFloor].map(twoDigits),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return ["## Layers", "", line(HEADER), line(["---", ...HEADER.slice(1).map(() => "---:")]), ...rows.map(line)].join(
    "\n",
  );
}

/** Names and sentences are text: nothing in them is Markdown. */
const escaped = (text: string): string => text.replace(/[\\`*_[\]<>#|]/g, "\\$&");
