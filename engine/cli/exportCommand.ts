/** `normlens runs export`: a run in a format that other programs read. */
import { basename } from "node:path";
import { exportFormats, exportRun, type ExportFormat } from "../export/exportRun";
import { CliCommand } from "./cliCommand";
import { findRun } from "./findRun";
import { readRun } from "./readRun";
import { runJson, settingsLine, stateText } from "./runText";
import { type RunsOptions, withJsonOption, withRunsOption } from "./sharedOptions";
import { anyText, oneOf, wordList } from "./valueReaders";

interface ExportOptions extends RunsOptions {
  readonly format: ExportFormat;
  readonly to?: string;
}

export const exportCommand = (): CliCommand =>
  withJsonOption(withRunsOption(new CliCommand("export")))
    .description("Write a run as tables, as a page, or for TensorBoard.")
    .argument("<RUN>", "A run of the list, or the folder of one.")
    .value("--format <FORMAT>", `${wordList(exportFormats)} (default: ${exportFormats[0]}).`, oneOf(exportFormats))
    .setOptionValueWithSource("format", exportFormats[0], "default")
    .value("--to <FOLDER>", "Where the files go (default: the run's name with -export).", anyText)
    .examples(
      "normlens runs export 2026-11-20-083418-MnistMlp",
      "normlens runs export 2026-11-20-083418-MnistMlp --format tensorboard --to logs/mlp",
    )
    .does(exported);

function exported(command: CliCommand): number {
  const { runs, format, to, json } = command.opts<ExportOptions>();
  const folder = findRun(command.args[0] ?? "", runs);
  const read = readRun(folder);
  const { run, summary, reader, judgement } = read;
  const { findings } = judgement;
  const files = exportRun(
    {
      run,
      summary,
      findings,
      judgement,
      ranks: reader.ranks,
      about: runJson(read),
      state: stateText(read),
      settings: settingsLine(run),
    },
    format,
    to ?? `${basename(folder)}-export`,
  );
  process.stdout.write(json ? `${JSON.stringify({ files })}\n` : files.map((file) => `Wrote ${file}\n`).join(""));
  return 0;
}
