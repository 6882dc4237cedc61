/** The findings about each open model file, computed once per version and set of rule severities. */
import * as vscode from "vscode";
import { findingsFromReading } from "../../engine/findings/findingsFromReading";
import type { SeverityOverride, SourceFinding } from "../../engine/findings/sourceFinding";
import { importsOf, type ModelReadings } from "./modelReadings";

interface Entry {
  readonly version: string;
  readonly severities: string;
  readonly findings: readonly SourceFinding[];
}

export class SourceFindings implements vscode.Disposable {
  private readonly entries = new Map<string, Entry>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly readings: ModelReadings) {
    this.subscription = vscode.workspace.onDidCloseTextDocument((document) =>
      this.entries.delete(document.uri.toString()),
    );
  }

  /** Of the whole source that a document belongs to. Empty while it does not parse: its lines may have moved. */
  of(document: vscode.TextDocument): readonly SourceFinding[] {
    const current = this.readings.read(document);
    if (!current || current.isStale) return [];
    const { uri, version, layout } = current.source;
    const severities = vscode.workspace
      .getConfiguration("normlens", uri)
      .get<Record<string, SeverityOverride>>("rules", {});
    const key = uri.toString();
    const known = this.entries.get(key);
    const settings = JSON.stringify(severities);
    if (known?.version === version && known.severities === settings) return known.findings;
    const findings = findingsFromReading(current.reading, layout.text, { severities, ...importsOf(uri) }).filter(
      ({ range }) => range.path === current.reading.path,
    );
    this.entries.set(key, { version, severities: settings, findings });
    return findings;
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
