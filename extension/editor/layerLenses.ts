/**
 * CodeLens above the model: what its last run says, train and compare. Above each layer, where a person wants them: add
 * or remove BN. Annotations are Python comments, so layers in JavaScript get no CodeLens.
 */
import * as vscode from "vscode";
import type { VerdictTone } from "../../engine/protocol/judgement";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { lastRunWords, stateWords } from "../views/runWords";
import { type LayerAction, layerLines, modelLine } from "./layerLines";
import type { DocumentReading } from "./documentReading";
import type { ModelReadings } from "./modelReadings";
import { detailIn } from "./editorDetail";
import { isPython, modelPath } from "./modelSource";

const actionTitles: Readonly<Record<LayerAction, string>> = {
  addNormalization: vscode.l10n.t("Add BN after"),
  removeNormalization: vscode.l10n.t("Remove BN"),
  clearAnnotation: vscode.l10n.t("Clear annotation"),
};
const actionIcons: Readonly<Record<LayerAction, string>> = {
  addNormalization: "$(add)",
  removeNormalization: "$(remove)",
  clearAnnotation: "$(discard)",
};

export class LayerLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(
    private readonly readings: ModelReadings,
    private readonly store: RunStore,
  ) {
    this.subscriptions = vscode.Disposable.from(
      readings.onDidChange(() => this.changed.fire()),
      store.onDidChangeState(() => this.changed.fire()),
      vscode.workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration("normlens.editor") && this.changed.fire(),
      ),
    );
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const current = await this.readings.settled(document);
    if (!current) return [];
    if (!current.reading.graph) return lensesOnUnread(current, document);
    const layerLenses = isPython(document) && detailIn(document) === "everything";
    return [...this.modelLenses(document, current), ...(layerLenses ? lensesOnLayers(document, current) : [])];
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changed.dispose();
  }

  private modelLenses(
    document: vscode.TextDocument,
    { reading, isStale, lineNow }: DocumentReading,
  ): vscode.CodeLens[] {
    const written = modelLine(reading);
    const line = written === null ? null : lineNow(written);
    if (line === null) return [];
    const lens = (title: string, command: string, ...args: unknown[]): vscode.CodeLens =>
      new vscode.CodeLens(lineRange(line), { title, command, arguments: args });
    const stale = isStale
      ? [
          lens(
            `$(warning) ${vscode.l10n.t("Syntax error: showing the last version that parsed")}`,
            "workbench.action.problems.focus",
          ),
        ]
      : [];
    const last = this.store.latestIn(modelPath(document));
    const needsShape = isPython(document) && reading.problems.some(({ code }) => code === "input-shape-unknown");
    const describe = needsShape
      ? [lens(`$(edit) ${vscode.l10n.t("Set input shape...")}`, "normlens.describeModel", document.uri)]
      : [];
    const open = last ? [lens(lastRunTitle(last), "normlens.openRun", last)] : [];
    return [
      ...stale,
      ...describe,
      lens(`$(play) ${vscode.l10n.t("Train")}`, "normlens.trainModel", document.uri),
      lens(
        `$(git-compare) ${vscode.l10n.t("Compare with and without BN")}`,
        "normlens.compareNormalization",
        document.uri,
      ),
      ...open,
    ];
  }
}

const toneIcons: Readonly<Record<VerdictTone, string>> = {
  ok: "$(pass)",
  information: "$(info)",
  warning: "$(warning)",
  error: "$(error)",
  busy: "$(sync)",
};
/** A longer sentence would push the actions beside it out of a narrow editor. */
const LONGEST_VERDICT = 90;

/** The verdict of a run that has ended and was read, after how it ended where that was not its end; else its state. */
function lastRunTitle(run: Run): string {
  const verdict = run.isLive ? null : (run.judgement(null)?.verdicts.overview ?? null);
  if (verdict === null) return `$(graph-line) ${lastRunWords(run)}`;
  const { tone } = verdict;
  const sentence =
    run.state === "completed"
      ? verdict.sentence
      : vscode.l10n.t("{state}: {verdict}", { state: stateWords(run), verdict: verdict.sentence });
  const words = sentence.length > LONGEST_VERDICT ? `${sentence.slice(0, LONGEST_VERDICT - 1)}…` : sentence;
  return `${toneIcons[tone]} ${words}`;
}

/** For a model that can't be read because its arguments are unknown: a person can enter them. */
function lensesOnUnread({ reading, lineNow }: DocumentReading, document: vscode.TextDocument): vscode.CodeLens[] {
  const candidate = isPython(document) ? reading.candidates.findLast(({ requires }) => requires.length > 0) : undefined;
  const line = candidate ? lineNow(candidate.line) : null;
  if (!candidate || line === null) return [];
  return [
    new vscode.CodeLens(lineRange(line), {
      title: `$(edit) ${vscode.l10n.t("Set arguments ({0})...", candidate.requires.join(", "))}`,
      command: "normlens.describeModel",
      arguments: [document.uri],
    }),
  ];
}

function lensesOnLayers(document: vscode.TextDocument, { reading, lineNow }: DocumentReading): vscode.CodeLens[] {
  return layerLines(reading).flatMap(({ line, actions }) => {
    const now = lineNow(line);
    if (now === null) return [];
    return actions.map(
      (action) =>
        new vscode.CodeLens(lineRange(now), {
          title: `${actionIcons[action]} ${actionTitles[action]}`,
          command: `normlens.${action}`,
          arguments: [document.uri, now],
        }),
    );
  });
}

const lineRange = (line: number): vscode.Range => new vscode.Range(line - 1, 0, line - 1, 0);
