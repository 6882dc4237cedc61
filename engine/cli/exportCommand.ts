/** `normlens runs export`: a run in a format that other programs read. */
import { basename, extname } from "node:path";
import { readRun } from "../export/readRun";
import { exportFile, exportFormats, exportRun, type ExportFormat, singleFiles } from "../export/exportRun";
import { CliCommand } from "./cliCommand";
import { findRun } from "./findRun";
import { type RunsOptions, withJsonOption, withRunsOption } from "./sharedOptions";
import { anyText, oneOf, wordList } from "./valueReaders";

interface ExportOptions extends RunsOptions {
  readonly format: ExportFormat;
  readonly to?: string;
}

export const exportCommand = (): CliCommand =>
  withJsonOption(withRunsOption(new CliCommand("export")))
    .description("Write a run as tables, as a page or report, or for TensorBoard.")
    .argument("<RUN>", "A run of the list, or the folder of one.")
    .value("--format <FORMAT>", `${wordList(exportFormats)} (default: ${exportFormats[0]}).`, oneOf(exportFormats))
    .setOptionValueWithSource("format", exportFormats[0], "default")
    .value(
      "--to <PATH>",
      "The folder for the files, or the file of a format that is one: report.html, run.md, run.json " +
        "(default: a folder with the run's name and -export).",
      anyText,
    )
    .examples(
      "normlens runs export 2026-11-20-083418-MnistMlp",
      "normlens runs export 2026-11-20-083418-MnistMlp --format html --to report.html",
      "normlens runs export 2026-11-20-083418-MnistMlp --format tensorboard --to logs/mlp",
    )
    .does(exported);

function exported(command: CliCommand): number {
  const { runs, format, to, json } = command.opts<ExportOptions>();
  const folder = findRun(command.args[0] ?? "", runs);
  const read = readRun(folder);
  const files =
    to !== undefined && isFileOf(format, to)
      ? [exportFile(read, format, to)]
      : exportRun(read, format, to ?? `${basename(folder)}-export`);
  process.stdout.write(json ? `${JSON.stringify({ files })}\n` : files.map((file) => `Wrote ${file}\n`).join(""));
  return 0;
}

/** Whether it ends as the one file of a format does. */
const isFileOf = (format: ExportFormat, path: string): boolean => {
  const file = singleFiles[format];
  return file !== undefined && extname(path) === extname(file);
};
