import type { Severity } from "../protocol/finding";
import type { SourceRange } from "../protocol/modelGraph";
import { ruleDescription, type SourceRuleId } from "./rules";
import type { SourceFinding, SourceFix } from "./sourceFinding";

/** What a rule has to say; the rest of a finding follows from it. */
export interface Draft {
  readonly rule: SourceRuleId;
  /** Absent when the rule's own severity is meant. */
  readonly severity?: Severity;
  readonly layers: readonly string[];
  readonly expression: SourceRange;
  /** Absent when the whole expression is meant. */
  readonly range?: SourceRange;
  readonly verdict: string;
  readonly evidence: string;
  readonly next: string;
  readonly fix?: SourceFix | null;
}

export function findingOf(draft: Draft): SourceFinding {
  const range = draft.range ?? draft.expression;
  return {
    rule: draft.rule,
    severity: draft.severity ?? ruleDescription(draft.rule)?.severity ?? "information",
    layer: draft.layers[0] ?? null,
    line: range.startLine,
    verdict: draft.verdict,
    evidence: draft.evidence,
    next: draft.next,
    range,
    expression: draft.expression,
    layers: draft.layers,
    fix: draft.fix ?? null,
  };
}
