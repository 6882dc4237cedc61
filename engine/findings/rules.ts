/** Every rule, with what it is called and where it is explained: those about source, then those about runs alone. */
import type { Severity } from "../protocol/finding";

export interface RuleDescription {
  readonly id: string;
  /** The rule's usual severity; single findings may be milder where the code leaves room for intent. */
  readonly severity: Severity;
  readonly title: string;
  /** Its page, from the repository's root. */
  readonly docs: string;
}

const rule = (id: string, severity: Severity, title: string): RuleDescription => ({
  id,
  severity,
  title,
  docs: `docs/rules/${id}.md`,
});

export const sourceRules = [
  rule("eps-looks-like-momentum", "warning", "Momentum passed as eps"),
  rule("momentum-inverted", "warning", "Momentum in the other framework's convention"),
  rule("bias-before-norm", "warning", "Bias before batch normalization has no effect"),
  rule("dropout-before-norm", "warning", "Dropout before batch normalization shifts the variance"),
  rule("norm-unused", "warning", "A normalization layer is never called"),
  rule("norm-shared", "warning", "One normalization layer is called several times"),
  rule("norm-on-output", "information", "Batch normalization of the model's output"),
  rule("no-track-running-stats", "warning", "Evaluation uses batch statistics"),
  rule("single-value-per-channel", "information", "A batch of one can't be normalized here"),
  rule("contract-broken", "warning", "An annotation's contract is broken"),
  rule("axis-mismatch", "warning", "The normalized axis is not the channel axis"),
  rule("keras-frozen-bn", "warning", "Unfreezing changes pretrained running statistics"),
  rule("held-but-updating", "warning", "A BN layer that is held still changes"),
  rule("keras-call-without-training", "warning", "A Keras model is trained in inference mode"),
  rule("norm-not-registered", "warning", "A normalization layer is made in the forward pass"),
  rule("gamma-starts-at-zero", "warning", "γ starts at 0 in every layer"),
  rule("padding-in-statistics", "warning", "Padding is counted in the statistics"),
  rule("missing-eval", "warning", "A network is evaluated in train mode"),
  rule("missing-train-after-eval", "warning", "Training continues in eval mode after an evaluation"),
  rule("frozen-but-updating", "warning", "Frozen layers update their running statistics"),
  rule("swa-without-update-bn", "warning", "Averaged weights without matching running statistics"),
  rule("buffers-not-restored", "warning", "Weights are saved or put back without running statistics"),
  rule("low-precision-statistics", "warning", "Running statistics in low precision"),
  rule("nan-in-running-stats", "error", "Running statistics are not finite"),
  rule("correlated-batches", "warning", "The samples of a batch belong together"),
  rule("one-norm-for-two-inputs", "warning", "One normalization layer for two kinds of input"),
  rule("statistics-behind", "warning", "The model is used while its running statistics are behind"),
  rule("statistics-too-young", "warning", "The running statistics still contain the initial 0 and 1"),
  rule("ranks-apart", "error", "Each process has its own running statistics"),
  rule("export-in-train-mode", "warning", "A network is exported in train mode"),
  rule("few-samples-per-channel", "warning", "Batch statistics of very few values"),
  rule("checkpointing-updates-twice", "information", "Activation checkpointing updates the statistics twice"),
  rule("ddp-without-syncbn", "information", "Each process normalizes with its part of the batch"),
  rule("grad-accumulation-with-bn", "information", "Gradient accumulation does not make BN's batch larger"),
  rule("gradient-penalty-with-bn", "information", "The gradient of each sample is penalized through BN"),
  rule("real-fake-concatenated", "information", "Real and generated samples share a batch"),
  rule("weight-decay-on-norm", "information", "Weight decay on γ and β"),
  rule("single-sample-last-batch", "warning", "The last batch has one sample"),
  rule("teacher-in-train-mode", "information", "A teacher network runs in train mode"),
] as const satisfies readonly RuleDescription[];

/**
 * What engine/judgement finds in a run. Mistakes that both see have one id, and stand above: `momentum-inverted`,
 * `frozen-but-updating`, `checkpointing-updates-twice`.
 */
export const runRules = [
  rule("statistics-updated-by-validation", "warning", "Passes that are not training update the running statistics"),
  rule("updates-before-training", "information", "Running statistics were updated before training"),
  rule("not-updating-though-training", "warning", "Training continues in eval mode"),
  rule("statistics-lost-at-load", "warning", "Weights were loaded without running statistics"),
  rule("checkpoint-without-statistics", "warning", "A checkpoint has no running statistics"),
  rule("stale-statistics-in-a-copy", "warning", "A copy of the model gets weights and no running statistics"),
  rule("never-updated-statistics", "warning", "Running statistics are never updated"),
  rule("epsilon-large", "information", "ε is larger than the variance"),
  rule("gamma-dead-or-exploding", "information", "γ switches channels off, or has grown without limit"),
  rule("statistics-jump", "information", "Batches left the running statistics at once"),
  rule("ranks-train-apart", "error", "Each process trains its own model"),
] as const satisfies readonly RuleDescription[];

export type SourceRuleId = (typeof sourceRules)[number]["id"];

const byId: ReadonlyMap<string, RuleDescription> = new Map(
  [...sourceRules, ...runRules].map((description) => [description.id, description]),
);

export function ruleDescription(id: string): RuleDescription | null {
  return byId.get(id) ?? null;
}
