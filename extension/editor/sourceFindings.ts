/** The findings about each open model file, computed once per version and set of rule severities. */
import * as vscode from "vscode";
import type { ModelReading } from "../../engine/source/modelReading";
import { findingsFromReading } from "../../engine/findings/findingsFromReading";
import { lintSource } from "../../engine/findings/lintSource";
import type { SeverityOverride, SourceFinding } from "../../engine/findings/sourceFinding";
import { importsFrom, type ModelReadings } from "./modelReadings";
import { nextTurn } from "./nextTurn";

interface Entry {
  readonly version: string;
  readonly severities: string;
  readonly reading: ModelReading;
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
    const { uri, version } = current.source;
    const severities = vscode.workspace
      .getConfiguration("normlens", uri)
      .get<Record<string, SeverityOverride>>("rules", {});
    const key = uri.toString();
    const known = this.entries.get(key);
    const settings = JSON.stringify(severities);
    if (known?.version === version && known.severities === settings && known.reading === current.reading)
      return known.findings;
    const modules = this.readings.modulesOf(uri);
    const options = { severities, ...importsFrom(modules) };
    const { path, graph } = current.reading;
    // Where no model can be shown, for want of arguments, likely ones still tell mistakes.
    const found =
      graph === null
        ? lintSource(path, current.source.layout.text, options).findings
        : findingsFromReading(current.reading, options);
    const findings = found.filter(({ range }) => range.path === path);
    // What a file that is not read yet would add is not known: this is asked again.
    if (modules?.isWaiting !== true)
      this.entries.set(key, { version, severities: settings, reading: current.reading, findings });
    return findings;
  }

  /** The same once the files that the script follows are read. */
  async settled(document: vscode.TextDocument): Promise<readonly SourceFinding[]> {
    for (;;) {
      const current = await this.readings.settled(document);
      await nextTurn();
      const findings = this.of(document);
      const modules = current && this.readings.modulesOf(current.source.uri);
      if (modules?.isWaiting !== true) return findings;
      await modules.load();
    }
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
