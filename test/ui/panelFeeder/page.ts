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
    /** Looks that the host has not answered yet. */
    unanswered: number;
    /** Resolves once the panel has drawn all it asked for, and asks for nothing more. */
    settled: () => Promise<void>;
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
  window.unanswered++;
  const answered = (): void => void window.unanswered--;
  if (!host) return void askHost(method, look, name.slice(REAL.length)).finally(answered);
  // As far away as the extension host: what is said is heard in the next turn.
  setTimeout(() => {
    if (method === "ready") host.ready(look);
    else host.looked(look);
    answered();
  });
}

/** Longer than the panel waits before it asks for other numbers. */
const QUIET_MS = 150;

/** By the page's own clock: on a slow machine its timers are late, and keep their order. */
async function settled(): Promise<void> {
  const sent = window.sentToHost.length;
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  if (window.unanswered > 0 || window.sentToHost.length > sent) await settled();
}

window.sentToHost = [];
window.unanswered = 0;
window.settled = settled;
window.acquireVsCodeApi = () => ({
  postMessage: heard,
  setState: (state: unknown) => history.replaceState(state, ""),
  getState: () => (history.state as unknown) ?? undefined,
});
