/** Plays a scenario into the panel: stands in for VS Code's side of the page. Loaded before the panel itself. */
import { type PanelUpdate, packUpdate } from "../../../webview/protocol";
import { decodeMessage } from "./messageCodec";
import type { Playback } from "./scenarios";

interface Sent {
  readonly method: string;
  readonly params: unknown;
}

declare global {
  interface Window {
    /** Everything the panel said, for tests to look at. */
    sentToHost: Sent[];
    acquireVsCodeApi: () => unknown;
    /** Sends the snapshot once more, to time how long it takes to show. */
    replaySnapshot: () => void;
  }
}

const DELTA_INTERVAL_MS = 100;
const playback = decodeMessage<Playback>(document.getElementById("playback")?.textContent ?? "{}");

function say(method: "snapshot" | "delta", update: PanelUpdate): void {
  window.postMessage({ jsonrpc: "2.0", method, params: [packUpdate(update)] });
}

function play(): void {
  say("snapshot", playback.snapshot);
  playback.deltas.forEach((delta, index) => setTimeout(() => say("delta", delta), (index + 1) * DELTA_INTERVAL_MS));
}

window.sentToHost = [];
window.replaySnapshot = () => say("snapshot", playback.snapshot);
window.acquireVsCodeApi = () => ({
  postMessage: ({ method, params }: Sent) => {
    window.sentToHost.push({ method, params });
    if (method === "ready") play();
  },
  setState: (state: unknown) => history.replaceState(state, ""),
  getState: () => (history.state as unknown) ?? undefined,
});
