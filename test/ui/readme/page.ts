/** Stands in for VS Code's side of the page with real runs: the process that took the picture answers for them. */
import { decodeNumbers } from "../../../engine/protocol/report";
import type { Look } from "../../../webview/protocol";

declare global {
  interface Window {
    /** What the host says to a look, as text; null where it has nothing new. */
    askHost(method: string, look: Look): Promise<string | null>;
    acquireVsCodeApi: () => unknown;
  }
}

async function heard({ method, params }: { method: string; params: { look?: Look } }): Promise<void> {
  const { look } = params;
  if (!look || (method !== "ready" && method !== "look")) return;
  const answer = await window.askHost(method, look);
  if (answer === null) return;
  const message = {
    jsonrpc: "2.0",
    method: method === "ready" ? "snapshot" : "delta",
    params: [decodeNumbers(answer)],
  };
  window.postMessage(message);
}

window.acquireVsCodeApi = () => ({
  postMessage: (message: Parameters<typeof heard>[0]) => void heard(message),
  setState: () => undefined,
  getState: () => undefined,
});
