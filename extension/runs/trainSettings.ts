/** Makes the request for a run from the settings and the model file's annotation. */
import * as vscode from "vscode";
import { dirname, isAbsolute, resolve } from "node:path";
import * as v from "valibot";
import { generatedSet } from "../../engine/protocol/generatedSets";
import type { Outcome } from "../../engine/protocol/requests";
import { parseSchedule } from "../../engine/protocol/scheduleText";
import { type TrainRequest, defaultTrainRequest, trainConfigSchema } from "../../engine/protocol/trainConfig";

/** Optional settings under their names in a run's configuration, with the value for which each is left out of it. */
const unset = {
  weightDecay: null,
  clipNorm: null,
  order: "shuffled",
  accumulate: 1,
  checkpointEvery: null,
  schedule: "constant",
  threads: null,
} as const;

const settingsSchema = v.partial(
  v.pick(trainConfigSchema, [
    "batchSize",
    "learningRate",
    "optimizer",
    "seed",
    "weightDecay",
    "clipNorm",
    "order",
    "accumulate",
    "checkpointEvery",
    "schedule",
    "threads",
  ]),
);

/**
 * The data come from the setting, else from the annotation, else they are `digits`. Relative paths start at the
 * workspace folder. An invalid value of a setting is a problem that names the setting.
 */
export function trainRequest(model: vscode.Uri, annotatedData: string | null): Outcome<TrainRequest> {
  const settings = vscode.workspace.getConfiguration("normlens.training", model);
  const configured = settings.get<string>("data", "").trim();
  const data = configured === "" ? (annotatedData ?? defaultTrainRequest.data) : configured;
  const epochs = settings.get<unknown>("epochs", 10);
  if (!v.is(trainConfigSchema.entries.steps, epochs)) return invalid("epochs", epochs);
  const { batchSize, learningRate, optimizer, seed } = defaultTrainRequest;
  const required = { batchSize, learningRate, optimizer, seed };
  const names = [...Object.keys(required), ...Object.keys(unset)];
  const given = Object.fromEntries(
    names
      .map((name): [string, unknown] => [name, valueOf(name, settings.get<unknown>(name))])
      .filter(([, value]) => value !== undefined),
  );
  const parsed = v.safeParse(settingsSchema, given);
  if (!parsed.success) {
    const [name = ""] = (v.getDotPath(parsed.issues[0]) ?? "").split(".");
    return invalid(name, settings.get<unknown>(name));
  }
  const location = generatedSet(data) !== null || isAbsolute(data) ? data : resolve(baseFolder(model), data);
  return {
    ok: true,
    value: {
      ...required,
      ...(parsed.output as Partial<TrainRequest>),
      data: location,
      normalize: null,
      length: { epochs },
    },
  };
}

function valueOf(name: string, value: unknown): unknown {
  if (name in unset && (value === undefined || value === unset[name as keyof typeof unset])) return undefined;
  return name === "schedule" && typeof value === "string" ? parseSchedule(value) : value;
}

const invalid = (name: string, value: unknown): Outcome<TrainRequest> => ({
  ok: false,
  problem: { code: "setting-invalid", setting: `normlens.training.${name}`, value: JSON.stringify(value) ?? "" },
});

function baseFolder(model: vscode.Uri): string {
  return vscode.workspace.getWorkspaceFolder(model)?.uri.fsPath ?? dirname(model.fsPath);
}
