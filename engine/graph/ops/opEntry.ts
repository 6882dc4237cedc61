/**
 * What an entry says about one kind of layer. Each family of kinds has a file of entries in this folder; `index.ts`
 * lists them by kind. What an entry leaves out has the default written beside the field.
 */
import type { LayerOp, OtherOp } from "../../protocol/layerOps";
import type { Shape } from "../../protocol/shape";
import { type ShapeResult, known, unknownShape } from "../shapeRules";

/** The shapes of a call's inputs; null where one is not known. */
export type InputShapes = readonly (Shape | null)[];

/** What part a layer plays in a model. Keras's convolutions have none of these: they are `other`. */
export type OpRole = "linear" | "convolution" | "activation" | "normalization";

export interface RunningStatisticsOf {
  /** How many means and variances there are. */
  readonly channels: number;
  /** Whether these settings keep them. */
  readonly areTracked: boolean;
}

/** The reader counts an `other` layer from the arguments of its constructor: its settings don't say how many it has. */
type ParameterCount<Op extends LayerOp> = Op extends OtherOp ? null : number;

export interface OpEntry<Op extends LayerOp> {
  /** The output's shape, or what the layer expected. `className` is the class as the framework spells it. */
  readonly outputShape: (op: Op, inputs: InputShapes, className: string) => ShapeResult;
  /** Trainable parameters (the formulas are those of torch.nn, "Variables"). */
  readonly parameters: (op: Op) => ParameterCount<Op>;
  /** Multiply-adds of one sample, forward only, from the first input's shape. Absent: none are counted. */
  readonly multiplyAdds?: (op: Op, input: Shape, output: Shape) => number;

  /** Why the engine can't train a layer with these settings, as the end of a sentence. Absent: it can. */
  readonly untrainable?: (op: Op) => string | null;
  /** Why the engine can't train a call with so many inputs. Absent: it takes one. */
  readonly miscounted?: (inputs: number) => string | null;
  /** Why the engine can't compute a call with an input of this shape. Absent: it computes all. */
  readonly misfit?: (op: Op, input: Shape, output: Shape) => string | null;
  /** How many axes after the channels the engine computes with. Absent or null: any number. */
  readonly spatialAxes?: (op: Op) => 1 | 2 | null;
  /** Set for a layer that only moves values: they may have shapes in which the engine stores none. */
  readonly onlyMoves?: true;
  /** Set where the output of a call may be left unused: a part of a tensor that is cut up. */
  readonly mayGoUnused?: true;

  readonly role?: (op: Op) => OpRole | null;
  /** Whether the output has the input's shape, whatever that is. Absent: it may differ. */
  readonly keepsShape?: (op: Op) => boolean;
  /** Running statistics of a layer that may have some. Absent: it never has. */
  readonly statistics?: (op: Op) => RunningStatisticsOf;
}

/** The output shape of a layer with one input; unknown where the input's is. */
export const ofOneInput =
  <Op>(shape: (op: Op, input: Shape, className: string) => ShapeResult) =>
  (op: Op, [input = null]: InputShapes, className: string): ShapeResult =>
    input === null ? unknownShape : shape(op, input, className);

/** What layers without parameters that keep the shape have in common. */
export const unchangedShape = {
  outputShape: ofOneInput((_op: unknown, input: Shape) => known(input)),
  parameters: () => 0,
  keepsShape: () => true,
} as const;

export const NO_IMAGE = "its input is not an image";
export const NO_SEQUENCE = "its input is not a sequence";
