/** What the suites inside VS Code share: opening examples, waiting, looking at runs on disk. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { AnyRecord } from "../../engine/protocol/records";
import { readAll } from "../unit/support/readAll";

const POLL_MS = 50;

export async function waitFor<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
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
  return vscode.window.showTextDocument(
    await vscode.workspace.openTextDocument({ language: "python", content }),
    vscode.ViewColumn.One,
  );
}

export async function codeLenses(
  document: vscode.TextDocument,
): Promise<{ line: number; title: string; command: vscode.Command }[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    document.uri,
    100,
  );
  return lenses.flatMap(({ range, command }) =>
    command ? [{ line: range.start.line + 1, title: command.title, command }] : [],
  );
}

export async function hoverTexts(document: vscode.TextDocument, line: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    document.uri,
    new vscode.Position(line - 1, 12),
  );
  return hovers
    .flatMap(({ contents }) => contents.map((content) => (typeof content === "string" ? content : content.value)))
    .join("\n");
}

export function secondFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[1];
  if (!folder) throw new Error("no second folder is open");
  return folder.uri.fsPath;
}

export async function openSecond(name: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(join(secondFolder(), name)));
  return vscode.window.showTextDocument(document, vscode.ViewColumn.One);
}

export async function inlayHints(document: vscode.TextDocument): Promise<string[]> {
  const range = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
    "vscode.executeInlayHintProvider",
    document.uri,
    range,
  );
  return hints.map(
    ({ position, label }) =>
      `${position.line + 1}: ${typeof label === "string" ? label : label.map(({ value }) => value).join("")}`,
  );
}

export async function codeActions(
  document: vscode.TextDocument,
  line: number,
  kind: vscode.CodeActionKind,
): Promise<vscode.CodeAction[]> {
  const { range } = document.lineAt(line - 1);
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    range,
    kind.value,
  );
}

export type ActionFinder = (action: vscode.CodeAction) => boolean;

/** The text that an action writes, where it makes one edit. */
export function resultOf(edit: vscode.WorkspaceEdit | undefined): string | undefined {
  const edits = edit?.entries().flatMap(([, changes]) => changes) ?? [];
  return edits.length === 1 ? edits[0]?.newText : undefined;
}

/**
 * Runs the first action on the line that `find` accepts. A request that VS Code cancels, because an extension registers
 * a provider meanwhile, comes back empty; for a person it asks again, and so does this.
 */
export async function applyAction(
  document: vscode.TextDocument,
  line: number,
  kind: vscode.CodeActionKind,
  find: ActionFinder,
): Promise<void> {
  let titles: string[] = [];
  const action = await waitFor(`an action on line ${line}`, async () => {
    const actions = await codeActions(document, line, kind);
    titles = actions.map(({ title }) => title);
    return actions.find(find);
  }).catch((error: unknown) => {
    throw new Error(`no such action among: ${titles.join(", ")}`, { cause: error });
  });
  if (action.edit) await vscode.workspace.applyEdit(action.edit);
  if (action.command)
    await vscode.commands.executeCommand(action.command.command, ...((action.command.arguments ?? []) as unknown[]));
}

export const ours = (document: vscode.TextDocument): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "NormLens");

/** Replaces functions of `vscode.window` for one piece of work: dialogs cannot be answered from here otherwise. */
export async function withWindow(
  stubs: Readonly<Record<string, (...args: never[]) => unknown>>,
  work: () => Promise<void>,
): Promise<void> {
  const before = Object.keys(stubs).map((name) => [name, Reflect.get(vscode.window, name) as unknown] as const);
  for (const [name, stub] of Object.entries(stubs)) Reflect.set(vscode.window, name, stub);
  try {
    await work();
  } finally {
    for (const [name, original] of before) Reflect.set(vscode.window, name, original);
  }
}

/** The line, from 1, that contains `text`. */
export function lineOf(document: vscode.TextDocument, text: string): number {
  const index = document
    .getText()
    .split("\n")
    .findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`no line holds ${text}`);
  return index + 1;
}

export function runFolders(workspace = workspaceFolder()): string[] {
  const runs = join(workspace, ".normlens", "runs");
  return existsSync(runs)
    ? readdirSync(runs)
        .sort()
        .map((name) => join(runs, name))
    : [];
}

/** Nothing while there is no run yet. */
export function recordsOf(folder: string): readonly AnyRecord[] {
  try {
    return readAll(folder).records;
  } catch {
    return [];
  }
}

/** Kills the process that trains, as a person or a full machine would. */
export function killTrainingProcess(): void {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isTraining(name));
  if (pids.length !== 1) throw new Error(`${pids.length} processes train`);
  process.kill(Number(pids[0]), "SIGKILL");
}

/** A child of this extension host that runs the engine. */
function isTraining(pid: string): boolean {
  try {
    const isChild = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(process.pid);
    return isChild && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("engine.js");
  } catch {
    return false;
  }
}

/** Changes `normlens.*` settings of the workspace for one test. */
export async function withSettings(
  settings: Readonly<Record<string, unknown>>,
  work: () => Promise<void>,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("normlens");
  for (const [key, value] of Object.entries(settings))
    await configuration.update(key, value, vscode.ConfigurationTarget.Workspace);
  try {
    await work();
  } finally {
    for (const key of Object.keys(settings))
      await vscode.workspace.getConfiguration("normlens").update(key, undefined, vscode.ConfigurationTarget.Workspace);
  }
}

/** Runs a training command and gives the folders of the runs it started. */
export async function startRuns(
  command: string,
  uri: vscode.Uri,
  count: number,
  workspace = workspaceFolder(),
): Promise<string[]> {
  const before = new Set(runFolders(workspace));
  await vscode.commands.executeCommand(command, uri);
  return waitFor(`${count} new runs`, () => {
    const fresh = runFolders(workspace).filter((folder) => !before.has(folder));
    return fresh.length === count ? fresh : null;
  });
}

export function ended(folder: string): Extract<AnyRecord, { type: "end" }> | null {
  return recordsOf(folder).find((record) => record.type === "end") ?? null;
}
