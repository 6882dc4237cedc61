/** Loaded before the panel: the process that takes the pictures answers for its runs. */
import type { Look } from "../../../webview/protocol";
import { askHost } from "../panelFeeder/realPage";

declare global {
  interface Window {
    acquireVsCodeApi: () => unknown;
  }
}

function heard({ method, params }: { method: string; params: { look?: Look } }): void {
  if (params.look && (method === "ready" || method === "look")) void askHost(method, params.look);
}

window.acquireVsCodeApi = () => ({
  postMessage: heard,
  setState: () => undefined,
  getState: () => undefined,
});
