/** `normlens runs list|show`: the runs of a folder, and one of them in numbers. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { ProblemError, describeProblem } from "../protocol/problems";
import type { AnyRecord } from "../protocol/records";
import { type RunSummary, listRuns, summarizeRun } from "../runs/listRuns";
import { DEFAULT_RUNS_FOLDER, recordsFile } from "../runs/runFolder";
import { lastRecord } from "../runs/lastRecord";
import { RunReader } from "../runs/runReader";
import { activityTable, layerTable } from "./layerTable";
import { UsageError, parseOptions, stringOption } from "./options";
import { settingsText } from "./settingsText";
import { percentage } from "../protocol/numberText";
import { formatTable } from "./table";

const optionTypes = { runs: { type: "string" }, json: { type: "boolean" } } as const;

export function runsCommand([action = "list", ...args]: readonly string[]): number {
  if (action === "list") return listCommand(args);
  if (action === "show") return showCommand(args);
  throw new UsageError(`runs takes list or show, not ${action}`);
}

function listCommand(args: readonly string[]): number {
  const { values } = parseOptions(args, optionTypes, []);
  const summaries = listRuns(stringOption(values, "runs") ?? DEFAULT_RUNS_FOLDER);
  if (values["json"]) process.stdout.write(`${JSON.stringify(summaries.map(summaryJson))}\n`);
  else if (summaries.length === 0) process.stdout.write("No runs yet. Train one: normlens train FILE\n");
  else
    process.stdout.write(formatTable(["run", "model", "status", "steps", "test accuracy"], summaries.map(summaryRow)));
  return 0;
}

const summaryRow = ({ folder, run, status, lastStep, lastEval }: RunSummary): string[] => [
  basename(folder),
  `${run.model}, ${run.name}`,
  status,
  `${lastStep} of ${run.config.steps}`,
  `${percentage(lastEval?.running.accuracy)} %`,
];

const summaryJson = ({ folder, run, status, end, lastStep, lastEval }: RunSummary): object => ({
  folder,
  name: run.name,
  model: run.model,
  modelFile: run.modelFile.path,
  startedAt: run.startedAt,
  status,
  reason: end?.reason ?? null,
  steps: lastStep,
  plannedSteps: run.config.steps,
  testAccuracy: lastEval?.running.accuracy ?? null,
});

function showCommand(args: readonly string[]): number {
  const { values, positionals } = parseOptions(args, optionTypes, ["RUN"]);
  const folder = findRun(positionals[0] ?? "", stringOption(values, "runs") ?? DEFAULT_RUNS_FOLDER);
  const { records, badLines } = new RunReader(folder).readNew();
  const summary = summarizeRun(folder);
  if (!summary)
    throw new ProblemError({
      code: "run-unreadable",
      path: folder,
      detail: "its log does not begin with a run record",
    });
  if (values["json"])
    process.stdout.write(
      `${JSON.stringify({ ...summaryJson(summary), run: summary.run, badLines, lastRecords: lastRecords(records) })}\n`,
    );
  else process.stdout.write(describeRun(summary, records));
  for (const { line, reason } of badLines) process.stderr.write(`line ${line} was skipped: ${reason}\n`);
  return 0;
}

/** A folder as given, or a run's name within the runs folder. */
function findRun(name: string, runsFolder: string): string {
  for (const folder of [name, join(runsFolder, name)]) if (existsSync(recordsFile(folder))) return folder;
  throw new ProblemError({ code: "run-unreadable", path: name, detail: "there is no such run" });
}

const lastRecords = (records: readonly AnyRecord[]): Readonly<Record<string, AnyRecord | null>> => ({
  population: lastRecord(records, "population"),
  gap: lastRecord(records, "gap"),
  eval: lastRecord(records, "eval"),
  layers: lastRecord(records, "layers"),
});

function describeRun({ run, status, end, lastStep, lastEval }: RunSummary, records: readonly AnyRecord[]): string {
  const reason = end?.reason ? ` ${describeProblem(end.reason).sentence}` : "";
  return [
    `${run.model}, ${run.name}: ${status}, step ${lastStep} of ${run.config.steps}.${reason}`,
    `${run.data.name}, ${settingsText(run.config)}${splitText(run)}; ${run.parameters} parameters.`,
    lastEval
      ? `Test accuracy ${percentage(lastEval.running.accuracy)} % (batch statistics ${percentage(lastEval.batch?.accuracy)} %, population ${percentage(lastEval.population?.accuracy)} %).`
      : "",
    "",
    layerTable(run, lastRecord(records, "population"), lastRecord(records, "gap")),
    activityTable(lastRecord(records, "layers")),
  ].join("\n");
}

const splitText = ({ config, data: { trainSamples, testSamples } }: RunSummary["run"]): string =>
  config.split === undefined ? "" : `, ${testSamples} of ${trainSamples + testSamples} kept for testing`;
