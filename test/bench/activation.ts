/** Runs inside the extension host: how long loading and activating the extension takes, the first time in this host. */
import { appendFileSync } from "node:fs";
import * as vscode from "vscode";

/** VS Code itself is still starting when it calls us; on a small machine its own work would be measured with ours. */
const QUIET_MS = 4000;

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension("normlens.normlens");
  const file = process.env["NORMLENS_BENCH_RESULTS"];
  if (!extension || !file) throw new Error("Start this with npm run bench.");
  if (extension.isActive) throw new Error("The extension was active before it was asked for.");
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const start = performance.now();
  await extension.activate();
  appendFileSync(file, `${performance.now() - start}\n`);
}
