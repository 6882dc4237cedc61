/** Trains a model file as written, or with and without BN side by side. */
import * as vscode from "vscode";
import { trainabilityProblems } from "../../engine/graph/trainable";
import { twinOf } from "../../engine/graph/twin";
import { type ModelGraph, batchNormLayers } from "../../engine/protocol/modelGraph";
import type { Problem } from "../../engine/protocol/problems";
import type { Outcome } from "../../engine/protocol/requests";
import { type ModelSource, pathOf, sourceOf } from "../editor/modelSource";
import type { Run } from "../runs/run";
import { runsLocation } from "../runs/runsLocation";
import { trainRequest } from "../runs/trainSettings";
import type { Services } from "../services";
import { showProblem } from "../showProblem";
import { modelDocument } from "./modelDocument";
import { workspaceIsTrusted } from "./workspaceTrust";

interface Plan {
  readonly name: string;
  readonly graph: ModelGraph;
}

/** `normlens.trainModel` */
export async function trainModel(services: Services, uri?: unknown): Promise<void> {
  await train(services, uri, (variant) => [{ name: "as written", graph: variant }]);
}

/** `normlens.compareNormalization`: the same random seed, data order and initialization; only BN differs. */
export async function compareNormalization(services: Services, uri?: unknown): Promise<void> {
  await train(services, uri, (variant) => {
    const twin = twinOf(variant);
    const [withNorms, withoutNorms] = batchNormLayers(variant).length > 0 ? [variant, twin] : [twin, variant];
    return [
      { name: "with BN", graph: withNorms },
      { name: "without BN", graph: withoutNorms },
    ];
  });
}

async function train(services: Services, uri: unknown, plansFor: (variant: ModelGraph) => Plan[]): Promise<void> {
  const document = await modelDocument(uri);
  if (!document || !(await workspaceIsTrusted())) return;
  const current = await services.readings.settled(document);
  const source = sourceOf(document);
  if (!source) return;
  const reading = current?.reading;
  const variant = reading?.variant;
  const plans = variant ? plansFor(variant) : [];
  const problem = trainingProblem(reading?.problems ?? [], plans, source.uri);
  if (problem) {
    showProblem(problem, source);
    return;
  }
  const runs = await startAll(services, source, plans, reading?.data ?? null);
  if (runs.length > 0) services.panels.open(runs);
}

function trainingProblem(readingProblems: readonly Problem[], plans: readonly Plan[], uri: vscode.Uri): Problem | null {
  const [first] = [...readingProblems, ...plans.flatMap(({ graph }) => trainabilityProblems(graph))];
  return first ?? (plans.length === 0 ? { code: "no-model", path: pathOf(uri) } : null);
}

async function startAll(
  services: Services,
  source: ModelSource,
  plans: readonly Plan[],
  data: string | null,
): Promise<Run[]> {
  const { folder, isFallback } = runsLocation(source.uri, services.context.globalStorageUri);
  const asked = trainRequest(source.uri, data);
  if (!asked.ok) {
    showProblem(asked.problem, source);
    return [];
  }
  const request = asked.value;
  const comparison = plans.length > 1 ? `${Date.now().toString(36)}` : null;
  const outcomes = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("NormLens: Preparing the run") },
    () =>
      Promise.all(
        plans.map(({ name, graph }) => services.store.start({ graph, request, runsFolder: folder, name, comparison })),
      ),
  );
  const refused = outcomes.find((outcome): outcome is Extract<Outcome<Run>, { ok: false }> => !outcome.ok);
  if (refused) showProblem(refused.problem, source);
  const runs = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  if (isFallback && runs.length > 0) void explainStorage();
  return runs;
}

/** Without an open folder, runs can't be recorded among the person's own files. */
async function explainStorage(): Promise<void> {
  const open = vscode.l10n.t("Open Folder");
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      "No folder is open, so NormLens keeps this run in its own storage. Open a folder to keep runs beside your code.",
    ),
    open,
  );
  if (chosen === open) await vscode.commands.executeCommand("workbench.action.files.openFolder");
}
