/** Stands in for VS Code's side of the page with real runs: the process that looks at the page answers for them. */
import { decodeNumbers } from "../../../engine/protocol/report";
import type { Look } from "../../../webview/protocol";

declare global {
  interface Window {
    /** What the host says to a look, as text; null where it has nothing new. */
    askHost(method: string, look: Look, run?: string): Promise<string | null>;
  }
}

/** Passes on what the host answers to what the panel said. */
export async function askHost(method: string, look: Look, run?: string): Promise<void> {
  const answer = await window.askHost(method, look, run);
  if (answer === null) return;
  window.postMessage({
    jsonrpc: "2.0",
    method: method === "ready" ? "snapshot" : "delta",
    params: [decodeNumbers(answer)],
  });
}
