/**
 * `normlens runs list|show|check|export`: the runs of a folder, one in words and numbers, what is wrong with its files,
 * and one for other programs.
 */
import { runJson, stepsText } from "../export/describeRun";
import { readRun } from "../export/readRun";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { percentage } from "../protocol/numberText";
import { checkRun } from "../runs/checkRun";
import { type ListedRun, listRuns } from "../runs/listRuns";
import { checkText } from "./checkText";
import { CliCommand } from "./cliCommand";
import { exportCommand } from "./exportCommand";
import { findRun } from "./findRun";
import { runText } from "./runText";
import { type RunsOptions, withJsonOption, withRunsOption } from "./sharedOptions";
import { formatTable } from "./table";

export const runsCommand = (): CliCommand =>
  new CliCommand("runs")
    .description("List recorded runs (the default); show, check or export one.")
    .helpCommand(false)
    .addCommand(withOptions(new CliCommand("list").description("List the runs of a folder.")).does(list))
    .addCommand(
      withOptions(new CliCommand("show").description("Show what happened in a run, layer by layer."))
        .argument("<RUN>", "A run of the list, or the folder of one.")
        .examples("normlens runs show 2026-11-20-083418-MnistMlp")
        .does(show),
    )
    .addCommand(
      withOptions(new CliCommand("check").description("Check the files of a run against the run format."))
        .argument("<FOLDER>", "The folder of a run, whichever program wrote it.")
        .examples("normlens runs check .normlens/runs/2026-11-20-083418-MnistMlp")
        .does(check),
    )
    .addCommand(exportCommand())
    .examples("normlens runs list", "normlens runs show 2026-11-20-083418-MnistMlp");

const withOptions = (command: CliCommand): CliCommand => withJsonOption(withRunsOption(command));

function list(command: CliCommand): number {
  const { runs, json } = command.opts<RunsOptions>();
  const summaries = listRuns(runs);
  if (json) process.stdout.write(`${JSON.stringify(summaries.map(summaryJson))}\n`);
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

function show(command: CliCommand): number {
  const { runs, json } = command.opts<RunsOptions>();
  const read = readRun(findRun(command.args[0] ?? "", runs));
  process.stdout.write(json ? `${JSON.stringify(runJson(read))}\n` : runText(read));
  for (const { line, reason } of read.reader.badLines) process.stderr.write(`line ${line} was skipped: ${reason}\n`);
  return 0;
}

/** Exit code 1 when there is something to fix. */
function check(command: CliCommand): number {
  const { runs, json } = command.opts<RunsOptions>();
  const checked = checkRun(checkedFolder(command.args[0] ?? "", runs));
  process.stdout.write(json ? `${JSON.stringify(checked)}\n` : checkText(checked));
  return checked.faults.length === 0 ? 0 : 1;
}

/** A run may be so wrong that it is none: any folder will do. */
const checkedFolder = (name: string, runsFolder: string): string =>
  [name, join(runsFolder, name)].find((folder) => existsSync(folder)) ?? name;
