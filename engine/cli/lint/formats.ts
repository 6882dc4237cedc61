/** What `normlens lint` prints. Lines and columns count from 1 in all formats, as compilers and editors show them;
 * of a notebook JSON has the lines of its joined Python cells, text the cell. */
import type { SourceFinding } from "../../findings/sourceFinding";
import type { Styled } from "../terminal";
import type { LintedFile } from "./lintFile";
import { sarifOf } from "./sarif";

export const lintFormats = ["text", "json", "sarif"] as const;
export type LintFormat = (typeof lintFormats)[number];

/** `styled` colours the severities of text. */
export function formatLint(files: readonly LintedFile[], format: LintFormat, styled: Styled): string {
  switch (format) {
    case "text":
      return textOf(files, styled);
    case "json":
      return `${JSON.stringify(jsonOf(files))}\n`;
    case "sarif":
      return `${JSON.stringify(sarifOf(files))}\n`;
  }
}

const severityStyles = { error: "red", warning: "yellow", information: "blue" } as const;

function textOf(files: readonly LintedFile[], styled: Styled): string {
  const lines = files.flatMap(({ path, unread, partial, note, findings, lineWords }) => [
    ...(unread === null ? [] : [`${path}: not read: ${unread}`]),
    ...(partial === null ? [] : [`${path}: read in part: ${partial}`]),
    ...(note === null ? [] : [`${path}: note: ${note}`]),
    ...findings.map(
      ({ range, severity, rule, verdict, next }) =>
        `${path}:${placeText(lineWords(range.startLine))}:${range.startColumn + 1} ` +
        `${styled(severityStyles[severity], severity)} ${rule}: ${verdict} ${next}`,
    ),
  ]);
  return `${[...lines, summary(files)].join("\n")}\n`;
}

/** `12`, as compilers print it; in a notebook `cell 3:2`. */
const placeText = (words: string): string => words.replace(/ ?line /, words.startsWith("line") ? "" : ":");

function summary(files: readonly LintedFile[]): string {
  const count = (severity: SourceFinding["severity"]): number =>
    files.reduce((sum, { findings }) => sum + findings.filter((finding) => finding.severity === severity).length, 0);
  const unread = files.filter((file) => file.unread !== null).length;
  const partial = files.filter((file) => file.partial !== null).length;
  const [errors, warnings] = [plural(count("error"), "error"), plural(count("warning"), "warning")];
  return (
    `${errors}, ${warnings}, ${count("information")} information in ` +
    `${plural(files.length, "file")}${partial === 0 ? "" : `; ${partial} read in part`}` +
    `${unread === 0 ? "" : `; ${unread} not read`}.`
  );
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function jsonOf(files: readonly LintedFile[]): object {
  return {
    files: files.map(({ path, unread, partial, note, findings }) => ({
      path,
      unread,
      partial,
      note,
      findings: findings.map(({ rule, severity, range, verdict, evidence, next }) => ({
        rule,
        severity,
        line: range.startLine,
        column: range.startColumn + 1,
        verdict,
        evidence,
        next,
      })),
    })),
  };
}
