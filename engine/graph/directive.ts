/** What an annotation asks for. The comment's grammar is in engine/source/annotations; what it does is here. */
export type Directive =
  | { readonly kind: "add"; readonly position: "after-layer" | "after-activation" }
  | { readonly kind: "remove" }
  | { readonly kind: "use"; readonly norm: NormChoice }
  | { readonly kind: "set"; readonly settings: readonly Setting[] }
  | { readonly kind: "frozen" }
  | { readonly kind: "minBatch"; readonly samples: number }
  | { readonly kind: "domain"; readonly name: string };

export type NormChoice =
  | { readonly name: "group"; readonly groups: number }
  /**
   * Batch renormalization; plain BN for so many updates of the running statistics first, or until they have settled.
   */
  | { readonly name: "renorm"; readonly plainUpdates?: number }
  /** Batch normalization over virtual batches of so many samples. */
  | { readonly name: "ghost"; readonly samples: number }
  | { readonly name: "layer" | "instance" | "batch" };

export interface Setting {
  readonly name: "momentum" | "eps";
  readonly value: number;
}

/** A directive and the line it is on; it concerns the layers made on that line. */
export interface PlacedDirective {
  readonly directive: Directive;
  readonly line: number;
}
