/** `normlens lint PATH…`: findings of model files, for people, scripts and code scanning services. */
import { readFileSync, writeFileSync } from "node:fs";
import { ProblemError } from "../protocol/problems";
import { CliCommand } from "./cliCommand";
import { plain, progressOn, type Styled, styledFor } from "./terminal";
import { anyText, oneOf, wordList } from "./valueReaders";
import { type Baseline, baselineOf, parseBaseline, withoutBaseline } from "./lint/baseline";
import { findFiles } from "./lint/findFiles";
import { formatLint, lintFormats, type LintFormat } from "./lint/formats";
import { type LintedFile, unreadFile } from "./lint/lintFile";
import { lintFiles } from "./lint/lintFiles";
import { meansFor, type WholeFolders } from "./lint/lintMeans";

interface LintOptions {
  readonly format?: LintFormat;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  /** False for `--no-cache`. */
  readonly cache: boolean;
}

export const lintCommand = (): CliCommand =>
  new CliCommand("lint")
    .description("Find BN mistakes in model files and training scripts.")
    .argument("<PATH...>", "Files, and folders whose .py and .ipynb files are read.")
    .value("--format <FORMAT>", `${wordList(lintFormats)} (default: ${lintFormats[0]}).`, oneOf(lintFormats))
    .value("--baseline <FILE>", "Leave out the findings that this file records.", anyText)
    .excluding("writeBaseline")
    .value("--write-baseline <FILE>", "Record today's findings, so that only new ones count later.", anyText)
    .option("--no-cache", "Read every file again, and keep nothing for the next time.")
    .examples("normlens lint src", "normlens lint src --baseline .normlens-baseline.json --format sarif")
    .does((command) => lint(command.args, command.opts<LintOptions>(), asProgram(command.opts<LintOptions>())));

/** What a call in another program does without. */
interface Surroundings {
  readonly styled: Styled;
  readonly folders: WholeFolders | null;
}

const asProgram = ({ cache }: LintOptions): Surroundings => ({
  styled: styledFor(process.stdout),
  folders: { bundle: __filename, useCache: cache, progress: progressOn(process.stderr, "File") },
});

/**
 * Exit code 1 when a finding is a warning or an error, or a file could not be read; information alone does not fail a
 * build, and neither does a model that was followed in part.
 */
export async function lint(
  paths: readonly string[],
  { format = "text", baseline, writeBaseline }: Omit<LintOptions, "cache">,
  { styled, folders }: Surroundings = { styled: plain, folders: null },
): Promise<number> {
  const found = await lintPaths(paths, folders);
  if (writeBaseline !== undefined) return write(found, writeBaseline);
  const files = baseline === undefined ? found : unknownTo(found, baseline);
  process.stdout.write(formatLint(files, format, styled));
  const fails = ({ unread, findings }: LintedFile): boolean =>
    unread !== null || findings.some(({ severity }) => severity !== "information");
  return files.some(fails) ? 1 : 0;
}

/** Records what is there now; from then on only new findings count. */
function write(files: readonly LintedFile[], path: string): number {
  const recorded = baselineOf(files, process.cwd());
  try {
    writeFileSync(path, `${JSON.stringify(recorded, null, 1)}\n`);
  } catch (error) {
    throw new ProblemError({
      code: "write-failed",
      path,
      detail: (error as NodeJS.ErrnoException).code ?? "unknown error",
    });
  }
  const count = recorded.findings.reduce((sum, entry) => sum + entry.count, 0);
  process.stdout.write(`${count} finding${count === 1 ? "" : "s"} recorded in ${path}.\n`);
  return 0;
}

/** What is known goes to stderr, so that the formats stay what they are. */
function unknownTo(files: readonly LintedFile[], path: string): readonly LintedFile[] {
  const compared = withoutBaseline(files, readBaseline(path), process.cwd());
  const gone = compared.gone === 0 ? "" : ` ${compared.gone} of its findings are gone: write it again.`;
  process.stderr.write(`${compared.known} of the findings are known from ${path}.${gone}\n`);
  return compared.files;
}

function readBaseline(path: string): Baseline {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ProblemError({
      code: "file-unreadable",
      path,
      detail: (error as NodeJS.ErrnoException).code ?? "unknown error",
    });
  }
  const baseline = parseBaseline(text);
  if (baseline === null)
    throw new ProblemError({
      code: "file-unreadable",
      path,
      detail: "it is not a baseline that lint --write-baseline wrote",
    });
  return baseline;
}

async function lintPaths(paths: readonly string[], folders: WholeFolders | null): Promise<LintedFile[]> {
  const { files, unlisted } = findFiles(paths);
  const linted = await lintFiles(files, meansFor(files.length, folders));
  return [...linted, ...unlisted.map(({ path, reason }) => unreadFile(path, reason))];
}
