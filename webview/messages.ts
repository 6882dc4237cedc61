/**
 * Names of the notifications between the extension host and a panel. Only literals: the host speaks Node's
 * vscode-jsonrpc and the page the browser's, so neither entry may be imported here.
 */
import type { HostToPanel, PanelToHost, PanelUpdate } from "./protocol";

export const hostToPanel = { snapshot: "snapshot", delta: "delta", show: "show" } as const satisfies {
  readonly [Method in keyof HostToPanel]: Method;
};

/** Sends one notification to the host. It has no answer; the host sends a snapshot or a delta later. */
export type SendToHost = <Method extends keyof PanelToHost>(method: Method, params: PanelToHost[Method]) => void;

/** What a panel does with what the host says, unpacked. */
export interface HostListener {
  readonly snapshot: (update: PanelUpdate) => void;
  readonly delta: (update: PanelUpdate) => void;
  readonly show: (shown: HostToPanel["show"]) => void;
}
