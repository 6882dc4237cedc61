/** What commands and views need. Created once in `activate`. */
import type * as vscode from "vscode";
import type { ModelReadings } from "./editor/modelReadings";
import type { RunPanels } from "./panels/runPanels";
import type { Recording } from "./recording/recording";
import type { RunStore } from "./runs/runStore";

export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly readings: ModelReadings;
  readonly store: RunStore;
  readonly panels: RunPanels;
  readonly recording: Recording;
}
