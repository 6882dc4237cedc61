/** `normlens lint PATH…`: findings of model files, for people, scripts and code scanning services. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ProblemError } from "../protocol/problems";
import { type ReadModelInput, readModelFile } from "../source/readModel";
import { importsFrom } from "./importsFrom";
import { type Baseline, baselineOf, parseBaseline, withoutBaseline } from "./lint/baseline";
import { findFiles } from "./lint/findFiles";
import { formatLint, lintFormats, type LintFormat } from "./lint/formats";
import { lintFile, type LintedFile, unreadFile } from "./lint/lintFile";
import { UsageError } from "./options";

/** Exit code 1 when a finding is a warning or an error; information alone does not fail a build. */
export function lintCommand(args: readonly string[]): number {
  const { paths, format, baseline, writeBaseline } = parseLintArguments(args);
  const found = lintPaths(paths);
  if (writeBaseline !== undefined) return write(found, writeBaseline);
  const files = baseline === undefined ? found : unknownTo(found, baseline);
  process.stdout.write(formatLint(files, format));
  return files.some(({ findings }) => findings.some(({ severity }) => severity !== "information")) ? 1 : 0;
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

/** What is known is told on stderr, so that the formats stay what they are. */
function unknownTo(files: readonly LintedFile[], path: string): readonly LintedFile[] {
  const compared = withoutBaseline(files, readBaseline(path), process.cwd());
  const gone = compared.gone === 0 ? "" : `; ${compared.gone} of it are gone, so it can be written anew`;
  process.stderr.write(`${compared.known} known from ${path}${gone}.\n`);
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
      detail: "it is no baseline that lint --write-baseline wrote",
    });
  return baseline;
}

function lintPaths(paths: readonly string[]): LintedFile[] {
  const { files, unlisted } = findFiles(paths);
  return [...files.map(lintWithImports), ...unlisted.map(({ path, reason }) => unreadFile(path, reason))];
}

function lintWithImports(path: string): LintedFile {
  const resolveModule = importsFrom(path);
  return lintFile(path, { resolveModule, read: (input: ReadModelInput) => readModelFile({ ...input, resolveModule }) });
}

interface LintArguments {
  readonly paths: readonly string[];
  readonly format: LintFormat;
  readonly baseline: string | undefined;
  readonly writeBaseline: string | undefined;
}

function parseLintArguments(args: readonly string[]): LintArguments {
  const { values, positionals } = parsed(args);
  if (positionals.length === 0) throw new UsageError("PATH is missing");
  const format = lintFormats.find((known) => known === values.format);
  if (format === undefined) throw new UsageError(`--format takes ${lintFormats.join(", ")}, not ${values.format}`);
  const { baseline, "write-baseline": writeBaseline } = values;
  if (baseline !== undefined && writeBaseline !== undefined)
    throw new UsageError("--baseline and --write-baseline exclude each other");
  return { paths: positionals, format, baseline, writeBaseline };
}

const optionTypes = {
  format: { type: "string", default: "text" },
  baseline: { type: "string" },
  "write-baseline": { type: "string" },
} as const;

interface Parsed {
  readonly values: { format: string; baseline?: string; "write-baseline"?: string };
  readonly positionals: string[];
}

function parsed(args: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...args], options: optionTypes, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
