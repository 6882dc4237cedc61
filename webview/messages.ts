/**
 * Names of the notifications between the extension host and a panel. Only literals: the host speaks Node's
 * vscode-jsonrpc and the page the browser's, so neither entry may be imported here.
 */
import type { HostToPanel, PanelToHost, PanelUpdate } from "./protocol";

export const hostToPanel = { snapshot: "snapshot", delta: "delta" } as const satisfies {
  readonly [Method in keyof HostToPanel]: Method;
};

/** Sends one notification to the host. It has no answer; the host sends a snapshot or a delta later. */
export type SendToHost = <Method extends keyof PanelToHost>(method: Method, params: PanelToHost[Method]) => void;

/** What a panel does with what the host says, unpacked. */
export type HostListener = { readonly [Method in keyof HostToPanel]: (update: PanelUpdate) => void };
