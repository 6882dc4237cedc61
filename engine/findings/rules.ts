/** Every rule about source, with what it is called and where it is explained. */
import type { Severity } from "../protocol/finding";

export interface RuleDescription {
  readonly id: string;
  /** The rule's usual severity; single findings may be milder where the code leaves room for intent. */
  readonly severity: Severity;
  readonly title: string;
  /** Its page, from the repository's root. */
  readonly docs: string;
}

const rule = (id: string, severity: Severity, title: string): RuleDescription => ({ id, severity, title, docs: `docs/rules/${id}.md` });

export const sourceRules = [
  rule("eps-looks-like-momentum", "warning", "A momentum is passed as eps"),
  rule("momentum-inverted", "warning", "The momentum is in Keras's convention"),
  rule("bias-before-norm", "warning", "A bias before batch normalization has no effect"),
  rule("dropout-before-norm", "warning", "Dropout before batch normalization shifts the variance"),
  rule("norm-unused", "warning", "A normalization layer is never called"),
  rule("norm-shared", "warning", "One normalization layer is called several times"),
  rule("norm-on-output", "information", "The model's output is normalized over the batch"),
  rule("no-track-running-stats", "warning", "Evaluation uses the statistics of its own batch"),
  rule("single-value-per-channel", "information", "A batch of one cannot be normalized here"),
  rule("contract-broken", "warning", "An annotation's contract is broken"),
  rule("axis-mismatch", "warning", "The normalized axis is not the channels'"),
  rule("keras-frozen-bn", "warning", "Unfreezing changes pretrained batch normalization"),
] as const satisfies readonly RuleDescription[];

export type SourceRuleId = (typeof sourceRules)[number]["id"];

const byId: ReadonlyMap<string, RuleDescription> = new Map(sourceRules.map((description) => [description.id, description]));

export function ruleDescription(id: string): RuleDescription | null {
  return byId.get(id) ?? null;
}
