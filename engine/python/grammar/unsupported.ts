import type { Span, UnsupportedNode } from "../expressions";

export function unsupported({ from, to }: Span, reason: string): UnsupportedNode {
  return { kind: "unsupported", reason, from, to };
}
