/** Wiring only: makes the services and hands them to commands, editor features, views and panels. */
import * as vscode from "vscode";
import { sweepDeleted } from "./commands/keepRuns";
import { registerCommands } from "./commands/registerCommands";
import { AnnotationActions } from "./editor/annotationActions";
import { AnnotationCompletions } from "./editor/annotationCompletions";
import { LayerHovers } from "./editor/layerHovers";
import { LayerLenses } from "./editor/layerLenses";
import { ModelReadings } from "./editor/modelReadings";
import { FindingActions } from "./editor/findingActions";
import { SourceHovers } from "./editor/sourceHovers";
import { SourceFindings } from "./editor/sourceFindings";
import { RunFindings } from "./editor/runFindings";
import { ShapeHints } from "./editor/shapeHints";
import { ReadingDiagnostics } from "./editor/readingDiagnostics";
import { StatisticsDecorations } from "./editor/statisticsDecorations";
import { createPanelActions } from "./panels/panelActions";
import { RUN_PANEL_TYPE } from "./panels/runPanel";
import { RunPanels } from "./panels/runPanels";
import { Recording } from "./recording/recording";
import { offerRecording } from "./recording/recordingOffer";
import { createRecordingStatus } from "./recording/recordingStatus";
import { RecordedLines } from "./runs/recordedLines";
import { watchRuns } from "./runs/runDiscovery";
import { announceRuns } from "./runs/runNotifications";
import { allRunsFolders } from "./runs/runsLocation";
import { RunStore } from "./runs/runStore";
import type { Services } from "./services";
import { trainAsEnvironmentAsks, trainLinks } from "./startRequests";
import { LayersTree } from "./views/layersTree";
import { createRunsView, RunsTree } from "./views/runsTree";
import { createRunStatus } from "./views/statusBar";

const PYTHON: vscode.DocumentFilter = { language: "python" };
/** JavaScript and TypeScript with TensorFlow.js. Annotations are Python's alone. */
const MODEL_FILES: vscode.DocumentFilter[] = [PYTHON, { language: "javascript" }, { language: "typescript" }];

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("NormLens", { log: true });
  const readings = new ModelReadings();
  const store = new RunStore(context.asAbsolutePath("dist/engine.js"), log, new RecordedLines(context.workspaceState));
  const panels = new RunPanels(
    context.extensionUri,
    store,
    createPanelActions(store, readings, context.extensionUri, log),
  );
  const recording = new Recording(context);
  const services: Services = { context, log, readings, store, panels, recording };
  const lenses = new LayerLenses(readings, store);
  const findings = new SourceFindings(readings);
  const hints = new ShapeHints(readings, store);
  const runsTree = new RunsTree(store);

  context.subscriptions.push(
    log,
    readings,
    store,
    panels,
    recording,
    lenses,
    hints,
    runsTree,
    registerCommands(services),
    vscode.languages.registerCodeLensProvider(MODEL_FILES, lenses),
    vscode.languages.registerInlayHintsProvider(MODEL_FILES, hints),
    vscode.languages.registerHoverProvider(MODEL_FILES, new LayerHovers(readings, store)),
    vscode.languages.registerHoverProvider(MODEL_FILES, new SourceHovers(readings)),
    vscode.languages.registerCompletionItemProvider(
      PYTHON,
      new AnnotationCompletions(readings),
      ...AnnotationCompletions.triggers,
    ),
    vscode.languages.registerCodeActionsProvider(PYTHON, new AnnotationActions(readings), {
      providedCodeActionKinds: AnnotationActions.kinds,
    }),
    findings,
    vscode.languages.registerCodeActionsProvider(PYTHON, new FindingActions(readings, findings), {
      providedCodeActionKinds: FindingActions.kinds,
    }),
    new ReadingDiagnostics(readings, findings, context.extensionUri),
    new RunFindings(readings, store, context.extensionUri),
    new StatisticsDecorations(readings, store),
    createRunsView(runsTree, store),
    new LayersTree(readings),
    vscode.window.registerWebviewPanelSerializer(RUN_PANEL_TYPE, panels),
    vscode.window.registerUriHandler(trainLinks),
    createRunStatus(store),
    createRecordingStatus(recording),
    offerRecording(context, recording),
    announceRuns(services),
    watchRuns(store, context.globalStorageUri),
    readings.onDidChange(() => panels.updateAll()),
  );
  void trainAsEnvironmentAsks(context);
  void sweepDeleted(allRunsFolders(context.globalStorageUri));
}
