/**
 * `normlens.exportRun`: a run as a report, as tables or for TensorBoard, or several as one report. A process of its own
 * writes it.
 */
import { execFile } from "node:child_process";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import type { Run } from "../runs/run";
import type { Services } from "../services";
import { runTitle } from "../views/runWords";
import { chosenRun, runsIn } from "./runControls";

interface Format extends vscode.QuickPickItem {
  /** As the command line calls it. */
  readonly id: string;
  /** How the file ends, where it is one; else a folder is written. */
  readonly ending?: string;
}

/** The texts of `vscode.l10n` are known when this is called, and not before. */
const formats = (): readonly Format[] => [
  {
    id: "html",
    ending: "html",
    label: vscode.l10n.t("Report"),
    description: vscode.l10n.t("one HTML file with charts, to attach to an issue"),
  },
  { id: "markdown", ending: "md", label: "Markdown", description: vscode.l10n.t("a page of text with tables") },
  { id: "csv", label: "CSV", description: vscode.l10n.t("a folder with a file for each table") },
  { id: "parquet", label: "Parquet", description: vscode.l10n.t("the same tables for pandas, Polars or DuckDB") },
  { id: "json", ending: "json", label: "JSON", description: vscode.l10n.t("one file with all tables") },
  { id: "tensorboard", label: "TensorBoard", description: vscode.l10n.t("a folder with an event file") },
];

/** How and where, from a caller that says it. */
interface Wanted {
  readonly format: string;
  readonly to: string;
}

const isWanted = (more: unknown): more is Wanted => typeof more === "object" && more !== null && "format" in more;

/**
 * Called with a run (tree), or nothing (Command Palette: asks which). `more` is what is selected in the tree, or what a
 * caller wants.
 */
export async function exportRun(services: Services, target?: unknown, more?: unknown): Promise<void> {
  const selected = runsIn(more);
  const wanted = isWanted(more) ? more : undefined;
  const runs = selected.length > 1 ? selected : runsIn([await chosenRun(services, target)]);
  const [run] = runs;
  if (!run) return;
  const format = await chosenFormat(runs, wanted);
  if (!format) return;
  const to = wanted?.to ?? (await askWhere(run, format));
  if (to === undefined) return;
  const title = runs.length > 1 ? vscode.l10n.t("{0} runs", runs.length) : runTitle(run);
  const files = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("NormLens: Exporting {0}", title),
      cancellable: true,
    },
    (_, token) => written(join(services.context.extensionPath, "dist", "cli.js"), runs, format, to, token),
  );
  // Somebody who said where needs no message.
  if (files !== null && !wanted) await offerToOpen(files, format);
}

/** Several runs have one: the report. */
async function chosenFormat(runs: readonly Run[], wanted: Wanted | undefined): Promise<Format | undefined> {
  const [report] = formats();
  if (runs.length > 1) return report;
  if (wanted) return formats().find(({ id }) => id === wanted.format);
  return vscode.window.showQuickPick(formats(), { placeHolder: vscode.l10n.t("Select what to export") });
}

async function askWhere(run: Run, { ending, label }: Format): Promise<string | undefined> {
  const name = basename(run.folder);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(run.folder);
  if (ending !== undefined) {
    const defaultUri = vscode.Uri.joinPath(folder, `${name}.${ending}`);
    return (await vscode.window.showSaveDialog({ defaultUri, filters: { [label]: [ending] } }))?.fsPath;
  }
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: folder,
      openLabel: vscode.l10n.t("Export Here"),
    })) ?? [];
  return chosen && join(chosen.fsPath, `${name}-${label.toLowerCase()}`);
}

/** The paths of the files; null when a person cancelled. Throws an Error with the command line's own words. */
const written = (
  cli: string,
  runs: readonly Run[],
  { id }: Format,
  to: string,
  token: vscode.CancellationToken,
): Promise<readonly string[] | null> =>
  new Promise((resolve, reject) => {
    const args = [cli, "runs", "export", ...runs.map(({ folder }) => folder), "--format", id, "--to", to, "--json"];
    // In VS Code's own program, which is Node when it is asked to be.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
    const child = execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      if (token.isCancellationRequested) resolve(null);
      else if (error) reject(new Error(stderr.trim() || error.message));
      else resolve((JSON.parse(stdout) as { readonly files: readonly string[] }).files);
    });
    token.onCancellationRequested(() => child.kill());
  });

async function offerToOpen(files: readonly string[], { id }: Format): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const open = vscode.l10n.t("Open");
  const reveal = vscode.l10n.t("Reveal in File Manager");
  const isText = id === "markdown" || id === "json";
  const isPage = id === "html";
  const message = vscode.l10n.t("Exported to {0}.", first);
  const answer = await vscode.window.showInformationMessage(message, ...(isText || isPage ? [open] : []), reveal);
  const uri = vscode.Uri.file(first);
  if (answer === reveal) await vscode.commands.executeCommand("revealFileInOS", uri);
  else if (answer === open && isPage) await vscode.env.openExternal(uri);
  else if (answer === open) await vscode.window.showTextDocument(uri);
}
