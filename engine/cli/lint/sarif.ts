/** SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), the part that code scanning services read. */
import { isAbsolute, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Severity } from "../../protocol/finding";
import type { SourceRange } from "../../protocol/modelGraph";
import { sourceRules } from "../../findings/rules";
import type { SourceFinding } from "../../findings/sourceFinding";
import { isNotebook } from "../../source/notebook/notebookCells";
import type { LintedFile } from "./lintFile";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
const levels: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  error: "error",
  warning: "warning",
  information: "note",
};

export function sarifOf(files: readonly LintedFile[]): object {
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "NormLens",
            rules: sourceRules.map(({ id, severity, title, docs }) => ({
              id,
              shortDescription: { text: `${title}.` },
              help: { text: `See ${docs}.` },
              defaultConfiguration: { level: levels[severity] },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: files.flatMap(howRead) }],
        results: files.flatMap((file) => file.findings.map((finding) => resultOf(file, finding))),
      },
    ],
  };
}

function howRead({ path, unread, partial, note }: LintedFile): object[] {
  const locations = [{ physicalLocation: { artifactLocation: { uri: uriOf(path) } } }];
  return [
    ...(unread === null ? [] : [{ level: "error", message: { text: `Not read: ${unread}` }, locations }]),
    ...(partial === null ? [] : [{ level: "warning", message: { text: `Read in part: ${partial}` }, locations }]),
    ...(note === null ? [] : [{ level: "note", message: { text: note }, locations }]),
  ];
}

/** A notebook's lines are not the lines of its JSON: the message says the cell instead. */
function resultOf(
  { path, lineWords }: LintedFile,
  { rule, severity, verdict, evidence, next, range }: SourceFinding,
): object {
  const artifactLocation = { uri: uriOf(path) };
  const inCell = isNotebook(path) ? `In ${lineWords(range.startLine)}: ` : "";
  return {
    ruleId: rule,
    ruleIndex: sourceRules.findIndex(({ id }) => id === rule),
    level: levels[severity],
    message: { text: `${inCell}${verdict} ${evidence} ${next}` },
    locations: [
      { physicalLocation: isNotebook(path) ? { artifactLocation } : { artifactLocation, region: regionOf(range) } },
    ],
  };
}

const regionOf = ({ startLine, startColumn, endLine, endColumn }: SourceRange): object => ({
  startLine,
  startColumn: startColumn + 1,
  endLine,
  endColumn: endColumn + 1,
});

/** Relative paths stay relative, so that a service finds them in the repository. */
function uriOf(path: string): string {
  if (isAbsolute(path)) return pathToFileURL(path).href;
  return path.split(sep).map(encodeURIComponent).join("/");
}
