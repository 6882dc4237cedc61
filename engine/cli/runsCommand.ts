/** `normlens runs list|show|check`: the runs of a folder, one of them in words and numbers, and what is wrong with how one was written. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { percentage } from "../protocol/numberText";
import { ProblemError } from "../protocol/problems";
import { checkRun } from "../runs/checkRun";
import { type ListedRun, listRuns } from "../runs/listRuns";
import { DEFAULT_RUNS_FOLDER, recordsFile } from "../runs/runFolder";
import { checkText } from "./checkText";
import { UsageError, parseOptions, stringOption } from "./options";
import { readRun } from "./readRun";
import { runJson, runText, stepsText } from "./runText";
import { formatTable } from "./table";

const optionTypes = { runs: { type: "string" }, json: { type: "boolean" } } as const;

export function runsCommand([action = "list", ...args]: readonly string[]): number {
  if (action === "list") return listCommand(args);
  if (action === "show") return showCommand(args);
  if (action === "check") return checkCommand(args);
  throw new UsageError(`runs takes list, show or check, not ${action}`);
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

const summaryRow = ({ folder, run, status, lastStep, lastEval }: ListedRun): string[] => [
  basename(folder),
  `${run.model ?? run.producer}, ${run.name}`,
  status,
  stepsText(run, lastStep),
  `${percentage(lastEval?.running?.accuracy)} %`,
];

const summaryJson = ({ folder, run, status, end, lastStep, lastEval }: ListedRun): object => ({
  folder,
  name: run.name,
  model: run.model,
  modelFile: run.source?.path ?? null,
  startedAt: run.startedAt,
  status,
  reason: end?.reason ?? null,
  steps: lastStep,
  plannedSteps: run.plannedSteps,
  testAccuracy: lastEval?.running?.accuracy ?? null,
});

function showCommand(args: readonly string[]): number {
  const { values, positionals } = parseOptions(args, optionTypes, ["RUN"]);
  const read = readRun(findRun(positionals[0] ?? "", stringOption(values, "runs") ?? DEFAULT_RUNS_FOLDER));
  process.stdout.write(values["json"] ? `${JSON.stringify(runJson(read))}\n` : runText(read));
  for (const { line, reason } of read.reader.badLines) process.stderr.write(`line ${line} was skipped: ${reason}\n`);
  return 0;
}

/** A folder as given, or a run's name within the runs folder. */
function findRun(name: string, runsFolder: string): string {
  for (const folder of [name, join(runsFolder, name)]) if (existsSync(recordsFile(folder))) return folder;
  throw new ProblemError({ code: "run-unreadable", path: name, detail: "there is no such run" });
}

/** Exit code 1 when there is something to mend. */
function checkCommand(args: readonly string[]): number {
  const { values, positionals } = parseOptions(args, optionTypes, ["FOLDER"]);
  const check = checkRun(checkedFolder(positionals[0] ?? "", stringOption(values, "runs") ?? DEFAULT_RUNS_FOLDER));
  process.stdout.write(values["json"] ? `${JSON.stringify(check)}\n` : checkText(check));
  return check.faults.length === 0 ? 0 : 1;
}

/** A run may be so wrong that it is none: any folder will do. */
const checkedFolder = (name: string, runsFolder: string): string =>
  [name, join(runsFolder, name)].find((folder) => existsSync(folder)) ?? name;
