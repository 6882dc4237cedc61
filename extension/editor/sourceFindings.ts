/** The findings about each open model file, computed once per document version and set of rule severities. */
import * as vscode from "vscode";
import { findingsFromReading } from "../../engine/findings/findingsFromReading";
import type { SeverityOverride, SourceFinding } from "../../engine/findings/sourceFinding";
import { importsOf, type ModelReadings } from "./modelReadings";

interface Entry {
  readonly version: number;
  readonly severities: string;
  readonly findings: readonly SourceFinding[];
}

export class SourceFindings implements vscode.Disposable {
  private readonly entries = new Map<string, Entry>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly readings: ModelReadings) {
    this.subscription = vscode.workspace.onDidCloseTextDocument((document) => this.entries.delete(document.uri.toString()));
  }

  /** Empty while the file does not parse: lines have moved, and half a file proves nothing. */
  of(document: vscode.TextDocument): readonly SourceFinding[] {
    const current = this.readings.read(document);
    if (!current || current.isStale) return [];
    const severities = vscode.workspace.getConfiguration("normlens", document).get<Record<string, SeverityOverride>>("rules", {});
    const key = document.uri.toString();
    const known = this.entries.get(key);
    const settings = JSON.stringify(severities);
    if (known?.version === document.version && known.severities === settings) return known.findings;
    const findings = findingsFromReading(current.reading, document.getText(), { severities, ...importsOf(document) }).filter(({ range }) => range.path === current.reading.path);
    this.entries.set(key, { version: document.version, severities: settings, findings });
    return findings;
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
