/**
 * Plays a scenario into the panel, or a golden run by its name: stands in for VS Code's side of the page. Loaded before
 * the panel itself.
 */
import { type Look, packUpdate } from "../../../webview/protocol";
import { askHost } from "./realPage";
import { scenarios } from "./scenarios";
import { SyntheticHost } from "./syntheticHost";

interface Sent {
  readonly method: string;
  readonly params: { readonly look?: Look };
}

declare global {
  interface Window {
    /** Everything the panel said, for whoever looks on. */
    sentToHost: Sent[];
    acquireVsCodeApi: () => unknown;
  }
}

const name = new URLSearchParams(location.search).get("scenario") ?? "healthy";
/** A scenario of this name is a golden run: `run:stale-momentum`. */
const REAL = "run:";
const scenario = scenarios[name];
if (!scenario && !name.startsWith(REAL)) throw new Error(`no scenario ${name}: ${Object.keys(scenarios).join(", ")}`);

const host =
  scenario &&
  new SyntheticHost(scenario(), (method, update) =>
    window.postMessage({ jsonrpc: "2.0", method, params: [packUpdate(update)] }),
  );

function heard({ method, params }: Sent): void {
  window.sentToHost.push({ method, params });
  const { look } = params;
  if (!look || (method !== "ready" && method !== "look")) return;
  if (!host) return void askHost(method, look, name.slice(REAL.length));
  // As far away as the extension host: what is said is heard in the next turn.
  setTimeout(() => (method === "ready" ? host.ready(look) : host.looked(look)));
}

window.sentToHost = [];
window.acquireVsCodeApi = () => ({
  postMessage: heard,
  setState: (state: unknown) => history.replaceState(state, ""),
  getState: () => (history.state as unknown) ?? undefined,
});
