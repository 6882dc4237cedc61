import type { Finding, Severity } from "../protocol/finding";
import type { SourceRange } from "../protocol/modelGraph";
import type { ResolveModule } from "../python/resolveModule";

/** Replaces the text in `range` (an empty range inserts). The edits of one fix do not overlap. */
export interface TextEdit {
  readonly range: SourceRange;
  readonly newText: string;
}

/** A mechanical change that fixes a finding, offered only where it can be made without guessing. */
export interface SourceFix {
  /** What the fix does, as a menu entry: "Pass bias=False". */
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** A finding about a model file: the protocol's finding with its place in the text. */
export interface SourceFinding extends Finding {
  /** Where to point: at the argument that causes it when it can be located, else at the whole expression. */
  readonly range: SourceRange;
  /** The expression that makes the layer, or calls it: what a suppression comment stands beside. */
  readonly expression: SourceRange;
  /**
   * All layers the finding is about: one line in a block's constructor makes many. Empty when no model could be
   * followed.
   */
  readonly layers: readonly string[];
  readonly fix: SourceFix | null;
}

export type SeverityOverride = Severity | "off";

export interface FindingOptions {
  /** By rule id; rules that are not named keep their own severity. */
  readonly severities?: Readonly<Record<string, SeverityOverride>>;
  /** Finds the files that a training script imports; without it their networks are unknown. */
  readonly resolveModule?: ResolveModule;
}
