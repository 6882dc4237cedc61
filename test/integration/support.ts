/** What the suites inside VS Code share: opening examples, waiting, looking at runs on disk. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { AnyRecord } from "../../engine/protocol/records";

const POLL_MS = 50;

export async function waitFor<T>(what: string, look: () => T | null | undefined | false | Promise<T | null | undefined | false>, timeoutMs = 20_000): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; ) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("no folder is open");
  return folder.uri.fsPath;
}

export async function openExample(name: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(join(workspaceFolder(), name)));
  return vscode.window.showTextDocument(document, vscode.ViewColumn.One);
}

export async function openText(content: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "python", content }), vscode.ViewColumn.One);
}

export async function codeLenses(document: vscode.TextDocument): Promise<{ line: number; title: string; command: vscode.Command }[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri, 100);
  return lenses.flatMap(({ range, command }) => (command ? [{ line: range.start.line + 1, title: command.title, command }] : []));
}

export async function hoverTexts(document: vscode.TextDocument, line: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, new vscode.Position(line - 1, 12));
  return hovers.flatMap(({ contents }) => contents.map((content) => (typeof content === "string" ? content : content.value))).join("\n");
}

/** The line, from 1, that holds `text`. */
export function lineOf(document: vscode.TextDocument, text: string): number {
  const index = document.getText().split("\n").findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`no line holds ${text}`);
  return index + 1;
}

export function runFolders(): string[] {
  const runs = join(workspaceFolder(), ".normlens", "runs");
  return existsSync(runs) ? readdirSync(runs).sort().map((name) => join(runs, name)) : [];
}

export function recordsOf(folder: string): AnyRecord[] {
  const log = join(folder, "run.jsonl");
  if (!existsSync(log)) return [];
  return readFileSync(log, "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line) as AnyRecord);
}

/** Changes `normlens.*` settings of the workspace for one test. */
export async function withSettings(settings: Readonly<Record<string, unknown>>, work: () => Promise<void>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("normlens");
  for (const [key, value] of Object.entries(settings)) await configuration.update(key, value, vscode.ConfigurationTarget.Workspace);
  try {
    await work();
  } finally {
    for (const key of Object.keys(settings)) await vscode.workspace.getConfiguration("normlens").update(key, undefined, vscode.ConfigurationTarget.Workspace);
  }
}

/** Runs a training command and gives the folders of the runs it started. */
export async function startRuns(command: string, uri: vscode.Uri, count: number): Promise<string[]> {
  const before = new Set(runFolders());
  await vscode.commands.executeCommand(command, uri);
  return waitFor(`${count} new runs`, () => {
    const fresh = runFolders().filter((folder) => !before.has(folder));
    return fresh.length === count ? fresh : null;
  });
}

export function ended(folder: string): Extract<AnyRecord, { type: "end" }> | null {
  return recordsOf(folder).find((record) => record.type === "end") ?? null;
}
