/** Hover on a BN line: what the last run measured there, and a link to its panel. */
import * as vscode from "vscode";
import type { RunStore } from "../runs/runStore";
import { hoverText } from "./lineStatistics";
import type { ModelReadings } from "./modelReadings";
import { type LineReport, reportOn } from "./runOnLines";
import { hoverChart } from "./sparkline";

/** A line in a loop creates many layers: only the worst few are shown. */
const SHOWN_LAYERS = 3;

export class LayerHovers implements vscode.HoverProvider {
  constructor(
    private readonly readings: ModelReadings,
    private readonly store: RunStore,
  ) {}

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
    await this.readings.settled(document);
    const report = reportOn(document, this.readings, this.store);
    const line = report?.lines.find((candidate) => candidate.line === position.line + 1);
    if (!report || !line) return null;
    const worstFirst = [...line.readings].sort((a, b) => (b.gap || 0) - (a.gap || 0)).slice(0, SHOWN_LAYERS);
    const markdown = new vscode.MarkdownString(
      chartOf(line) + worstFirst.map((reading) => hoverText(reading, report.run.lastStep)).join("\n\n---\n\n"),
      true,
    );
    markdown.isTrusted = { enabledCommands: ["normlens.openRun"] };
    const argument = encodeURIComponent(JSON.stringify([report.run.id]));
    markdown.appendMarkdown(`\n\n[$(graph-line) ${vscode.l10n.t("Open run")}](command:normlens.openRun?${argument})`);
    return new vscode.Hover(markdown, document.lineAt(position.line).range);
  }
}

/** The course of a single layer; gray and orange that can be read on a light and on a dark ground. */
function chartOf({ trend }: LineReport): string {
  if (trend === null || trend.values.length < 2) return "";
  const words =
    trend.what === "gap"
      ? vscode.l10n.t("Train-vs-eval gap over the run, in σ")
      : vscode.l10n.t("How far the running mean was behind over the run, in σ");
  return `${words}\n\n![${words}](${hoverChart(trend.values, "#D97706", "#808080")})\n\n`;
}
