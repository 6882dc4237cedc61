/** Expected failures as they cross processes: a code with the data that says what and where. */
import * as v from "valibot";

const line = v.nullable(v.number());

const namedShape = v.object({ name: v.string(), shape: v.array(v.number()) });

export const problemSchema = v.variant("code", [
  /** What another producer says about why its run ended. */
  v.object({ code: v.literal("told-by-producer"), sentence: v.string() }),
  // The model file
  v.object({ code: v.literal("file-unreadable"), path: v.string(), detail: v.string() }),
  v.object({ code: v.literal("file-not-text"), path: v.string(), detail: v.string() }),
  v.object({ code: v.literal("file-too-large"), path: v.string(), lines: v.number(), characters: v.number() }),
  v.object({ code: v.literal("notebook-malformed"), path: v.string(), detail: v.string() }),
  v.object({ code: v.literal("syntax-error"), path: v.string(), line: v.number() }),
  v.object({ code: v.literal("no-model"), path: v.string() }),
  v.object({ code: v.literal("model-not-found"), path: v.string(), model: v.string(), found: v.array(v.string()) }),
  v.object({
    code: v.literal("unknown-value"),
    /** A clause that follows "unknown value:". */
    reason: v.string(),
    path: v.string(),
    line: v.number(),
    /** What to write there; absent where NormLens does not follow the code. */
    remedy: v.optional(v.picklist(["literal", "argument", "modelArguments", "inputShape"])),
    /** The model that a comment would be about. */
    model: v.optional(v.string()),
  }),
  v.object({
    code: v.literal("input-shape-unknown"),
    model: v.string(),
    inputs: v.number(),
    /** A shape that the first layers take; absent where they don't say. */
    example: v.optional(v.array(v.number())),
  }),
  v.object({ code: v.literal("shape-mismatch"), layer: v.string(), line, expected: v.string(), found: v.string() }),
  v.object({
    code: v.literal("layer-unsupported"),
    layer: v.string(),
    className: v.string(),
    line,
    detail: v.string(),
  }),
  v.object({ code: v.literal("framework-unsupported"), model: v.string(), framework: v.string() }),
  v.object({ code: v.literal("output-not-classes"), outputShape: v.array(v.number()) }),
  // The data
  v.object({ code: v.literal("data-missing"), path: v.string(), detail: v.string() }),
  v.object({ code: v.literal("data-truncated"), path: v.string(), expectedBytes: v.number(), foundBytes: v.number() }),
  v.object({ code: v.literal("data-malformed"), path: v.string(), detail: v.string() }),
  v.object({ code: v.literal("weights-mismatch"), path: v.string(), detail: v.string() }),
  v.object({
    code: v.literal("data-shape-mismatch"),
    data: v.string(),
    dataShape: v.array(v.number()),
    inputShape: v.array(v.number()),
  }),
  v.object({
    code: v.literal("data-inputs-mismatch"),
    data: v.string(),
    arrays: v.array(namedShape),
    inputs: v.array(namedShape),
  }),
  v.object({
    code: v.literal("data-classes-mismatch"),
    data: v.string(),
    dataClasses: v.number(),
    modelClasses: v.number(),
  }),
  v.object({
    code: v.literal("first-output-not-classes"),
    model: v.string(),
    place: v.string(),
    dataClasses: v.number(),
    modelClasses: v.number(),
  }),
  v.object({ code: v.literal("batch-larger-than-data"), batchSize: v.number(), samples: v.number() }),
  v.object({ code: v.literal("batch-larger-than-class"), batchSize: v.number(), samples: v.number() }),
  v.object({ code: v.literal("order-needs-classes"), data: v.string(), order: v.string() }),
  v.object({ code: v.literal("data-has-test-part"), path: v.string() }),
  v.object({
    code: v.literal("labels-not-per-output"),
    data: v.string(),
    labelShape: v.array(v.number()),
    outputShape: v.array(v.number()),
  }),
  v.object({ code: v.literal("batch-of-one"), layer: v.string(), line }),
  v.object({
    code: v.literal("virtual-batch-of-one"),
    layer: v.string(),
    line,
    samples: v.number(),
    virtual: v.number(),
  }),
  v.object({
    code: v.literal("last-batch-of-one"),
    layer: v.string(),
    line,
    samples: v.number(),
    batchSize: v.number(),
  }),
  // The run
  v.object({ code: v.literal("diverged"), step: v.number(), layer: v.string(), line, tensor: v.string() }),
  v.object({ code: v.literal("disk-full"), path: v.string() }),
  v.object({ code: v.literal("read-only"), path: v.string() }),
  v.object({ code: v.literal("write-failed"), path: v.string(), detail: v.string() }),
  v.object({ code: v.literal("process-ended"), detail: v.string() }),
  v.object({
    code: v.literal("out-of-memory"),
    neededBytes: v.number(),
    limitBytes: v.number(),
    largestBatch: v.optional(v.number()),
  }),
  v.object({ code: v.literal("engine-unavailable"), detail: v.string() }),
  v.object({ code: v.literal("run-unreadable"), path: v.string(), detail: v.string() }),
  v.object({ code: v.literal("source-unknown"), run: v.string() }),
  v.object({ code: v.literal("source-missing"), run: v.string(), path: v.string() }),
  v.object({ code: v.literal("settings-unknown"), run: v.string() }),
  v.object({ code: v.literal("request-unanswered"), seconds: v.number() }),
  v.object({ code: v.literal("checkpoint-missing"), path: v.string() }),
  v.object({ code: v.literal("checkpoint-unusable"), path: v.string(), detail: v.string() }),
  v.object({ code: v.literal("run-already-done"), path: v.string(), steps: v.number() }),
  v.object({ code: v.literal("no-running-statistics"), model: v.string() }),
  v.object({ code: v.literal("setting-invalid"), setting: v.string(), value: v.string() }),
  v.object({ code: v.literal("internal"), detail: v.string() }),
]);

export type Problem = v.InferOutput<typeof problemSchema>;
export type ProblemCode = Problem["code"];

export interface ProblemText {
  /** What happened and where. */
  readonly sentence: string;
  /** One thing to do about it. */
  readonly action: string;
}
