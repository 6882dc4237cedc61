/** A finding: one thing that is wrong (or worth knowing) about the BN of a model file, a run or a checkpoint. */
import * as v from "valibot";

export type Severity = "error" | "warning" | "information";

export const findingSchema = v.object({
  rule: v.string(),
  severity: v.picklist(["error", "warning", "information"]),
  /** Layer name, or null when the finding is about the whole model or file. */
  layer: v.nullable(v.string()),
  /** Line in the model file, from 1, or null when there is none. */
  line: v.nullable(v.number()),
  verdict: v.string(),
  evidence: v.string(),
  next: v.string(),
});

export type Finding = v.InferOutput<typeof findingSchema>;
