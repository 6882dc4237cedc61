/** At the end of each BN line: its course in the run as a small curve, and its numbers, during the run and after it. */
import * as vscode from "vscode";
import type { RunStore } from "../runs/runStore";
import type { Health } from "../../engine/protocol/judgement";
import { detailIn, type EditorDetail } from "./editorDetail";
import { lineText, quietText, worstSeverity } from "./lineStatistics";
import type { ModelReadings } from "./modelReadings";
import { modelUri } from "./modelSource";
import { type LineReport, reportOn } from "./runOnLines";
import { layerBars, SPARK_HEIGHT, SPARK_WIDTH, sparkline } from "./sparkline";

/** Nobody can read numbers that change faster. */
const UPDATE_INTERVAL_MS = 250;

const colors: Readonly<Record<Health, vscode.ThemeColor>> = {
  ok: new vscode.ThemeColor("editorCodeLens.foreground"),
  unknown: new vscode.ThemeColor("editorCodeLens.foreground"),
  warning: new vscode.ThemeColor("editorWarning.foreground"),
  error: new vscode.ThemeColor("editorError.foreground"),
};

export class StatisticsDecorations implements vscode.Disposable {
  private readonly type = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
  });
  private readonly subscriptions: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly readings: ModelReadings,
    private readonly store: RunStore,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.type,
      store.onDidChange(() => this.schedule()),
      readings.onDidChange(() => this.schedule()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.schedule()),
      vscode.workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration("normlens.editor") && this.schedule(),
      ),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const editor of vscode.window.visibleTextEditors) this.draw(editor);
    }, UPDATE_INTERVAL_MS);
  }

  private draw(editor: vscode.TextEditor): void {
    const wanted = vscode.workspace
      .getConfiguration("normlens.editor", modelUri(editor.document))
      .get<boolean>("statistics", true);
    const report = wanted ? reportOn(editor.document, this.readings, this.store) : null;
    editor.setDecorations(
      this.type,
      (report?.lines ?? []).map((line) => decoration(editor.document, line)),
    );
  }
}

/** Grey of axis texts: without alarm, in light and in dark. */
const sparkColors = { light: "#616161", dark: "#9D9D9D" } as const;

function decoration(document: vscode.TextDocument, report: LineReport): vscode.DecorationOptions {
  const end = document.lineAt(report.line - 1).range.end;
  const renderOptions = report.isEdited ? editedOptions() : measuredOptions(report, detailIn(document));
  return { range: new vscode.Range(end, end), renderOptions };
}

const editedOptions = (): vscode.DecorationInstanceRenderOptions => ({
  before: {
    contentText: vscode.l10n.t("edited since the run"),
    color: colors.unknown,
    fontStyle: "italic",
    margin: "0 0 0 2em",
  },
});

function measuredOptions(report: LineReport, detail: EditorDetail): vscode.DecorationInstanceRenderOptions {
  const isQuiet = detail === "quiet";
  const color = isQuiet ? colors.unknown : colors[worstSeverity(report.readings)];
  const contentText = isQuiet ? quietText(report.readings, report.trend) : lineText(report.readings);
  // The number comes first: a narrow editor cuts off the rest.
  const before = { contentText, color, margin: "0 0 0 2em" };
  const picture = (gray: string): vscode.ThemableDecorationInstanceRenderOptions => {
    const uri = pictureOf(report, gray);
    if (uri === null) return {};
    const size = { width: `${SPARK_WIDTH}px`, height: `${SPARK_HEIGHT}px` };
    return { after: { contentIconPath: vscode.Uri.parse(uri), margin: "0 0 0 0.8em", ...size } };
  };
  return { before, light: picture(sparkColors.light), dark: picture(sparkColors.dark) };
}

function pictureOf({ readings, trend }: LineReport, color: string): string | null {
  if (trend) return sparkline(trend.values, color);
  const gaps = readings.map(({ gap }) => gap).filter(Number.isFinite);
  return readings.length > 1 && gaps.length > 0 ? layerBars(gaps, color) : null;
}
