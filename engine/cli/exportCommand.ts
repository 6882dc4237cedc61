/** `normlens runs export`: a run in a format that other programs read, or several side by side as a report. */
import { basename, extname, join } from "node:path";
import { type ReadRun, readRun } from "../export/readRun";
import {
  exportComparison,
  exportFile,
  exportFormats,
  exportRun,
  type ExportFormat,
  singleFiles,
} from "../export/exportRun";
import { CliCommand } from "./cliCommand";
import { findRun } from "./findRun";
import { type RunsOptions, withJsonOption, withRunsOption } from "./sharedOptions";
import { UsageError } from "./usageError";
import { anyText, oneOf, wordList } from "./valueReaders";

interface ExportOptions extends RunsOptions {
  readonly format: ExportFormat;
  readonly to?: string;
}

export const exportCommand = (): CliCommand =>
  withJsonOption(withRunsOption(new CliCommand("export")))
    .description("Write a run as tables, as a page or report, or for TensorBoard.")
    .argument("<RUN...>", "A run of the list, or the folder of one. Several make one report, side by side.")
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
      "normlens runs export 2026-11-20-083418-MnistMlp 2026-11-20-091522-MnistMlp --format html --to compared.html",
    )
    .does(exported);

function exported(command: CliCommand): number {
  const { runs, format, to, json } = command.opts<ExportOptions>();
  const [first, ...others] = command.args.map((name) => readRun(findRun(name, runs)));
  if (!first) return 2; // Commander asks for one.
  const files = others.length > 0 ? [compared([first, ...others], format, to)] : exportedFiles(first, format, to);
  process.stdout.write(json ? `${JSON.stringify({ files })}\n` : files.map((file) => `Wrote ${file}\n`).join(""));
  return 0;
}

function exportedFiles(read: ReadRun, format: ExportFormat, to: string | undefined): string[] {
  if (to !== undefined && isFileOf(format, to)) return [exportFile(read, format, to)];
  return exportRun(read, format, to ?? `${basename(read.folder)}-export`);
}

/** Throws a UsageError: tables of several runs are those of each. */
function compared(reads: readonly [ReadRun, ...ReadRun[]], format: ExportFormat, to = "comparison.html"): string {
  if (format !== "html") throw new UsageError("Several runs make one report: add --format html.");
  return exportComparison(reads, isFileOf(format, to) ? to : join(to, "report.html"));
}

/** Whether it ends as the one file of a format does. */
const isFileOf = (format: ExportFormat, path: string): boolean => {
  const file = singleFiles[format];
  return file !== undefined && extname(path) === extname(file);
};
