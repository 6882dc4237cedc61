/**
 * The dense numbers of a run: a row a step, and with each sample a row of every normalization layer and of every layer
 * that has an activity. Rows are written into arrays that are made once; nothing here changes what is trained.
 */
import type { MeasuredNorm } from "../nn/batchNorm";
import {
  activityColumns,
  channelColumns,
  normScalars,
  quantileNames,
  quantileQuantities,
  stepColumns,
  type TableDeclaration,
} from "../protocol/numbers";
import { ChannelSchedule } from "./channelSchedule";
import { median, quantilesInto, rootMeanSquare } from "./channelSummaries";
import { layersActivity } from "./layerActivity";
import type { RunningSnapshot } from "./probes";
import type { TrainingSession } from "./session";

/** Where rows go: a run's writer, or a test. `values` is the caller's again once the call is over. */
export interface FrameSink {
  declare(declaration: TableDeclaration): number;
  frame(table: number, step: number, values: ArrayLike<number>): void;
}

/** What our engine measures of a normalization layer; it reads nothing back, so there is no error to record. */
const measuredScalars = normScalars.filter((name) => ["mean_shift", "variance_ratio", "gradient_norm"].includes(name));
const measuredColumns = [
  ...quantileQuantities.flatMap((quantity) => quantileNames.map((name) => `${quantity}.${name}`)),
  ...measuredScalars,
];
/** After them, where a layer is called several times in a step. */
const passesColumn = "passes";
/** Of the scalars in a layer's row. */
const SCALARS_AT = quantileQuantities.length * quantileNames.length;

const activities = activityColumns.filter((name) => name !== "batch_f");

export class NumbersRecorder {
  private readonly steps: number;
  private readonly stepRow = new Float64Array(stepColumns.length);
  private readonly norms: number | null;
  private readonly normRow: Float32Array;
  private readonly normColumns: readonly string[];
  private activity: {
    readonly table: number;
    readonly row: Float32Array;
    readonly places: ReadonlyMap<string, number>;
  } | null = null;
  private readonly channels: readonly number[];
  private readonly channelSchedule: ChannelSchedule;

  constructor(
    private readonly session: TrainingSession,
    private readonly sink: FrameSink,
  ) {
    const { norms } = session;
    const layers = norms.map(({ name }) => name);
    this.normColumns = norms.some(({ calls }) => calls > 1) ? [...measuredColumns, passesColumn] : measuredColumns;
    this.steps = sink.declare({ name: "steps", columns: stepColumns, layers: [], values: 1, type: "float64" });
    this.norms =
      layers.length === 0
        ? null
        : sink.declare({ name: "norms", columns: this.normColumns, layers, values: 1, type: "float32" });
    this.normRow = new Float32Array(layers.length * this.normColumns.length);
    this.channels = norms.map(({ name, input }) =>
      sink.declare({
        name: "channels",
        columns: channelColumns,
        layers: [name],
        values: input.channels,
        type: "float32",
      }),
    );
    const vectors = norms.reduce((sum, { input }) => sum + input.channels, 0);
    this.channelSchedule = new ChannelSchedule(4 * channelColumns.length * vectors);
  }

  step(step: number, loss: number, learningRate: number, seconds: number): void {
    this.stepRow[0] = loss;
    this.stepRow[1] = learningRate;
    this.stepRow[2] = seconds;
    this.sink.frame(this.steps, step, this.stepRow);
  }

  /** What the last training step saw; `before` is how the running statistics stood before that step. */
  sample(step: number, before: RunningSnapshot, isLast: boolean): void {
    if (this.norms !== null) {
      this.session.norms.forEach((norm, index) => this.writeNorm(norm, index, before[index]));
      this.sink.frame(this.norms, step, this.normRow);
    }
    this.writeActivity(step);
    if (isLast || this.channelSchedule.isDue(step)) this.channelVectors(step);
  }

  /** Full vectors of every normalization layer, as the last training step left them; once a step. */
  channelVectors(step: number): void {
    if (!this.channelSchedule.take(step)) return;
    this.session.norms.forEach((norm, index) => {
      const table = this.channels[index];
      if (table !== undefined) this.sink.frame(table, step, channelValues(this.session, norm));
    });
  }

  private writeNorm(norm: MeasuredNorm, index: number, before: RunningSnapshot[number] | undefined): void {
    const { session, normRow } = this;
    const at = index * this.normColumns.length;
    const vectors = normVectors(session, norm);
    vectors.forEach((values, place) => quantilesInto(values, normRow, at + place * quantileNames.length));
    const [batchMean, batchVariance, runningMean, runningVariance] = vectors;
    if (!batchMean || !batchVariance) return;
    const previousMean = before?.mean ?? runningMean ?? batchMean;
    const previousVariance = before?.variance ?? runningVariance ?? batchVariance;
    const { epsilon } = norm.op;
    const ratios = batchVariance.map((variance, c) => (variance + epsilon) / (number(previousVariance, c) + epsilon));
    normRow[at + SCALARS_AT] = rootMeanSquare(
      batchMean.length,
      (c) => (number(batchMean, c) - number(previousMean, c)) / Math.sqrt(number(batchVariance, c) + epsilon),
    );
    normRow[at + SCALARS_AT + 1] = median(ratios);
    normRow[at + SCALARS_AT + 2] = gradientNorm(session, norm);
    if (this.normColumns.length > measuredColumns.length) normRow[at + measuredColumns.length] = norm.calls;
  }

  private writeActivity(step: number): void {
    const measured = layersActivity(this.session);
    if (measured.length === 0) return;
    this.activity ??= this.declareActivity(measured.map(({ layer }) => layer));
    const { table, row, places } = this.activity;
    row.fill(Number.NaN);
    for (const entry of measured) {
      const at = (places.get(entry.layer) ?? 0) * activities.length;
      row[at] = entry.gradientNorm ?? Number.NaN;
      row[at + 1] = entry.activationGradientNorm ?? Number.NaN;
      row[at + 2] = entry.deadShare ?? Number.NaN;
      row[at + 3] = entry.saturatedShare ?? Number.NaN;
    }
    this.sink.frame(table, step, row);
  }

  /** Which layers have one is known once it was measured. */
  private declareActivity(layers: readonly string[]): NonNullable<NumbersRecorder["activity"]> {
    const table = this.sink.declare({ name: "activity", columns: activities, layers, values: 1, type: "float32" });
    const places = new Map(layers.map((layer, index) => [layer, index]));
    return { table, row: new Float32Array(layers.length * activities.length), places };
  }
}

/** In the order of `quantileQuantities`; empty where the layer has no such vector. */
function normVectors(session: TrainingSession, norm: MeasuredNorm): Float32Array[] {
  const parameter = (suffix: string, kind: "weights" | "gradients"): Float32Array => {
    const name = `${norm.name}.${suffix}`;
    if (!session.parameters.has(name)) return new Float32Array(0);
    return session.arena.floats(session.parameters[kind](name), norm.input.channels);
  };
  return [
    session.channelVector(norm, norm.batchStatistics.mean),
    session.channelVector(norm, norm.batchStatistics.variance),
    session.channelVector(norm, norm.state.running.mean),
    session.channelVector(norm, norm.state.running.variance),
    parameter("weight", "weights"),
    parameter("bias", "weights"),
    parameter("weight", "gradients"),
    parameter("bias", "gradients"),
  ];
}

/** In the order of `channelColumns`, NaN where the layer has no such vector. */
function channelValues(session: TrainingSession, norm: MeasuredNorm): Float32Array {
  const channels = norm.input.channels;
  const values = new Float32Array(channelColumns.length * channels).fill(Number.NaN);
  normVectors(session, norm)
    .slice(0, channelColumns.length)
    .forEach((vector, column) => {
      if (vector.length === channels) values.set(vector, column * channels);
    });
  return values;
}

/** Euclidean norm of the gradients of γ and β together; NaN without affine parameters. */
function gradientNorm(session: TrainingSession, norm: MeasuredNorm): number {
  const names = [`${norm.name}.weight`, `${norm.name}.bias`].filter((name) => session.parameters.has(name));
  if (names.length === 0) return Number.NaN;
  const { kernels } = session.arena;
  const squares = names.map((name) =>
    kernels.sumOfSquares({ values: session.parameters.gradients(name), count: norm.input.channels }),
  );
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}

const number = (values: Float32Array, index: number): number => values[index] ?? Number.NaN;
