/** From settings and the model file's annotation to what a run is asked to do. */
import * as vscode from "vscode";
import { dirname, isAbsolute, resolve } from "node:path";
import { generatedSet } from "../../engine/protocol/generatedSets";
import { type OptimizerName, type TrainRequest, defaultTrainRequest } from "../../engine/protocol/trainConfig";

/** The setting wins over the annotation, the annotation over `digits`. Relative folders start at the workspace folder. */
export function trainRequest(model: vscode.Uri, annotatedData: string | null): TrainRequest {
  const settings = vscode.workspace.getConfiguration("normlens.training", model);
  const configured = settings.get<string>("data", "").trim();
  const data = configured === "" ? (annotatedData ?? defaultTrainRequest.data) : configured;
  return {
    data: generatedSet(data) !== null || isAbsolute(data) ? data : resolve(baseFolder(model), data),
    normalize: null,
    length: { epochs: settings.get<number>("epochs", 10) },
    batchSize: settings.get<number>("batchSize", defaultTrainRequest.batchSize),
    learningRate: settings.get<number>("learningRate", defaultTrainRequest.learningRate),
    optimizer: settings.get<OptimizerName>("optimizer", defaultTrainRequest.optimizer),
    seed: settings.get<number>("seed", defaultTrainRequest.seed),
  };
}

function baseFolder(model: vscode.Uri): string {
  return vscode.workspace.getWorkspaceFolder(model)?.uri.fsPath ?? dirname(model.fsPath);
}
