/**
 * Dense numbers of a run: tables in an append-only binary file, one file a rank. A table is declared once with its
 * columns and layers and then gets frames of one size, each with its step and a checksum. docs/run-format.md gives the
 * bytes.
 *
 * The names below are those that NormLens reads. A producer may leave any out and add others.
 */

/** Over channels. A quantity with quantiles takes five columns: `batch_mean.min`, `batch_mean.q1`, … */
export const quantileNames = ["min", "q1", "median", "q3", "max"] as const;
export type QuantileName = (typeof quantileNames)[number];

/** Recorded whole at a sparser rhythm, one value a channel, and as quantiles with each sample. */
export const channelColumns = [
  "batch_mean",
  "batch_variance",
  "running_mean",
  "running_variance",
  "gamma",
  "beta",
] as const;

export const quantileQuantities = [...channelColumns, "gamma_gradient", "beta_gradient"] as const;
export type QuantileQuantity = (typeof quantileQuantities)[number];

/** One frame a step. `seconds` is what the step took. */
export const stepColumns = ["loss", "learning_rate", "seconds"] as const;

/** One number a layer and sample. */
export const normScalars = [
  /** Root mean square over channels of (batch mean − running mean before the update) / batch σ. */
  "mean_shift",
  /** Median over channels of batch variance / running variance before the update. */
  "variance_ratio",
  /** Euclidean norm of the gradients of γ and β together. */
  "gradient_norm",
  /**
   * Forward passes in training mode that went into this sample (k); absent where it is always 1, 0 when the layer did
   * not update.
   */
  "passes",
  /**
   * Bound on the error of the batch mean, in σ, where it was read back; 0 where it was measured; NaN where the bound
   * is unknown.
   */
  "mean_error",
  /** Bound on the relative error of the batch variance, likewise. */
  "variance_error",
] as const;
export type NormScalar = (typeof normScalars)[number];
export type NormColumn = NormScalar | `${QuantileQuantity}.${QuantileName}`;

export const activityColumns = [
  /** Euclidean norm of the gradient of the layer's weight and bias together. */
  "gradient_norm",
  /** Of a normalization layer: Euclidean norm of the gradient of its output, over the whole batch. */
  "activation_gradient_norm",
  /** Of ReLU and ReLU6: share of channels that are zero for the whole batch. */
  "dead_share",
  /** Of functions with limits: share of values at one. */
  "saturated_share",
  /** Median over channels of B·Var(μ_B)/E[σ_B²] over recent batches. */
  "batch_f",
] as const;
export type ActivityColumn = (typeof activityColumns)[number];

/**
 * `steps`: no layers. `norms`: normalization layers. `activity`: any layers. `channels`: one normalization layer a
 * table.
 */
export const tableNames = ["steps", "norms", "activity", "channels"] as const;
export type TableName = (typeof tableNames)[number];

export interface TableDeclaration {
  /** One of `tableNames`, or a name of the producer's own, which is kept and not read. */
  readonly name: string;
  readonly columns: readonly string[];
  /**
   * Layer ids; a frame contains all columns of the first, then of the second, …. Empty for numbers of the whole run.
   */
  readonly layers: readonly string[];
  /** Values of each column and layer: 1, or the channels of a `channels` table. */
  readonly values: number;
  readonly type: "float32" | "float64";
}

/** Numbers in one frame. */
export const valuesPerFrame = ({ columns, layers, values }: TableDeclaration): number =>
  Math.max(1, layers.length) * columns.length * values;

/**
 * Something in a binary file that is not what it should be. `offset` and `bytes` say where, `table` and `step` what,
 * where that is known.
 */
export interface NumbersDamage {
  readonly kind: "header" | "checksum" | "torn" | "undeclared" | "doubled" | "disordered" | "declaration" | "step";
  readonly offset: number;
  readonly bytes: number;
  readonly table: string | null;
  readonly step: number | null;
}

/** One frame, read. */
export interface Sample {
  readonly table: TableDeclaration;
  readonly step: number;
  /** `[layer, column, value]`. */
  readonly values: Float32Array | Float64Array;
}
