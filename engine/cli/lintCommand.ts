/** `normlens lint PATH…`: findings of model files, for people, scripts and code scanning services. */
import { parseArgs } from "node:util";
import { type ReadModelInput, readModelFile } from "../source/readModel";
import { importsFrom } from "./importsFrom";
import { findFiles } from "./lint/findFiles";
import { formatLint, lintFormats, type LintFormat } from "./lint/formats";
import { lintFile, type LintedFile, unreadFile } from "./lint/lintFile";
import { UsageError } from "./options";

/** Exit code 1 when a finding is a warning or an error; information alone does not fail a build. */
export function lintCommand(args: readonly string[]): number {
  const { paths, format } = parseLintArguments(args);
  const files = lintPaths(paths);
  process.stdout.write(formatLint(files, format));
  return files.some(({ findings }) => findings.some(({ severity }) => severity !== "information")) ? 1 : 0;
}

function lintPaths(paths: readonly string[]): LintedFile[] {
  const { files, unlisted } = findFiles(paths);
  const read = (path: string) => (input: ReadModelInput) => readModelFile({ ...input, resolveModule: importsFrom(path) });
  return [...files.map((path) => lintFile(path, { read: read(path) })), ...unlisted.map(({ path, reason }) => unreadFile(path, reason))];
}

function parseLintArguments(args: readonly string[]): { paths: readonly string[]; format: LintFormat } {
  const { values, positionals } = parsed(args);
  if (positionals.length === 0) throw new UsageError("PATH is missing");
  const format = lintFormats.find((known) => known === values.format);
  if (format === undefined) throw new UsageError(`--format takes ${lintFormats.join(", ")}, not ${values.format}`);
  return { paths: positionals, format };
}

function parsed(args: readonly string[]): { values: { format: string }; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: { format: { type: "string", default: "text" } }, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
