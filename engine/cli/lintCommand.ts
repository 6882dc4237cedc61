/** `normlens lint PATH…`: findings of model files, for people, scripts and code scanning services. */
import { parseArgs } from "node:util";
import { type ReadModelInput, readModelFile } from "../source/readModel";
import { importsFrom } from "./importsFrom";
import { findFiles } from "./lint/findFiles";
import { formatLint, lintFormats, type LintFormat } from "./lint/formats";
import { lintFile, type LintedFile } from "./lint/lintFile";
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
  return [...files.map(lintWithImports), ...unlisted.map(({ path, reason }) => ({ path, unread: reason, findings: [] }))];
}

function lintWithImports(path: string): LintedFile {
  const resolveModule = importsFrom(path);
  return lintFile(path, { resolveModule, read: (input: ReadModelInput) => readModelFile({ ...input, resolveModule }) });
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
