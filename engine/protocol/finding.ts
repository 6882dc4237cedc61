/** A finding: one thing that is wrong (or worth knowing) about the BN of a model file, a run or a checkpoint. */
import * as v from "valibot";

export type Severity = "error" | "warning" | "information";

export const findingSchema = v.object({
  rule: v.string(),
  severity: v.picklist(["error", "warning", "information"]),
  /** Layer name, or null when the finding is about the whole model or file. */
  layer: v.nullish(v.string(), null),
  /** Line in the model file, from 1, or null when there is none. */
  line: v.nullish(v.number(), null),
  verdict: v.string(),
  evidence: v.nullish(v.string(), ""),
  next: v.nullish(v.string(), ""),
});

export type Finding = v.InferOutput<typeof findingSchema>;

/** A finding about a run, as engine/judgement decides it. */
export interface RunFinding {
  readonly rule: string;
  readonly severity: Severity;
  /** Ids of the run's layers, in forward order; empty when it is about the whole run. */
  readonly layers: readonly string[];
  /** The step it was first true at; null when it has none. */
  readonly step: number | null;
  /** Line in the run's own source, from 1, or null when there is none. */
  readonly line: number | null;
  readonly verdict: string;
  readonly evidence: string;
  readonly next: string;
}
