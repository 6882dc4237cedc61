/** The extension's own feed over run folders, without VS Code. */
import { encodeNumbers } from "../../../engine/protocol/report";
import { PanelFeed } from "../../../extension/panels/panelFeed";
import { Run } from "../../../extension/runs/run";
import type { Look } from "../../../webview/protocol";

/** Answers looks at these runs, as text. */
export function hostOf(folders: readonly string[]): (method: string, look: Look) => string | null {
  const runs = folders.map((folder) => new Run(folder));
  for (const run of runs) run.refresh();
  const feed = new PanelFeed({ runs, editedLayers: () => [] });
  return (method, look) => {
    const update = method === "ready" ? feed.snapshot(look) : feed.lookAt(look);
    return update === null ? null : encodeNumbers(update);
  };
}
