/**
 * Linear layer: y = x·Wᵀ + b, x `[sample, inFeatures]`, W `[outFeatures, inFeatures]` (torch.nn.Linear). Of images and
 * sequences, whose channels are then the features, every position is a separate sample; they carry no halo.
 * Stored as `[inFeatures, outColumns]`, so that the product reads rows of the stored matrix.
 */
import type { LinearOp, Rearrangement } from "../protocol/layerOps";
import type { Shape } from "../protocol/shape";
import { type ActivationBuffer, inEights, padded } from "./activationBuffer";
import { matrixAt, overRows } from "./kernels/operands";
import { plainProduct } from "./kernels/plainProduct";
import type { LayerContext, NetworkLayer } from "./layer";
import { type LayerEntry, uniformByFanIn } from "./layerEntry";
import type { ParameterSpec } from "./parameterSpec";
import type { NewStep } from "./step";

export const linear: LayerEntry<LinearOp> = {
  create: createLinear,
  parameters: linearParameters,
  initialValues: ({ inFeatures }) => uniformByFanIn(inFeatures),
  stepsAround: (step, _op, input) => (step.outputShape.length > 1 ? overTokens(step, input) : [step]),
};

function linearParameters(name: string, op: LinearOp): ParameterSpec[] {
  const columns = padded(op.outFeatures);
  const weight: ParameterSpec = {
    name: `${name}.weight`,
    shape: [op.outFeatures, op.inFeatures],
    storedFloats: op.inFeatures * columns,
    storedIndex: (index) => (index % op.inFeatures) * columns + Math.floor(index / op.inFeatures),
  };
  const bias: ParameterSpec = {
    name: `${name}.bias`,
    shape: [op.outFeatures],
    storedFloats: columns,
    storedIndex: (index) => index,
  };
  return op.bias ? [weight, bias] : [weight];
}

/**
 * A layer over the last axis of `[token, feature]` or `[row, column, feature]` computes with features side by side:
 * they become the channels first, and the last axis again after it.
 */
function overTokens(step: NewStep, input: Shape): NewStep[] {
  const { id, layer, inputIds, outputShape: output } = step;
  const lead = output.slice(0, -1);
  const [features, results]: [Shape, Shape] = [
    [...input.slice(-1), ...lead],
    [...output.slice(-1), ...lead],
  ];
  const axes = output.map((_, axis) => axis + 1);
  const toFront: Rearrangement = { rule: "permute", order: [0, ...axes.slice(-1), ...axes.slice(0, -1)] };
  const toBack: Rearrangement = { rule: "permute", order: [0, ...axes.slice(1), 1] };
  return [
    {
      id: `${id} features`,
      layer,
      inputIds,
      outputShape: features,
      moves: [{ rearrangement: toFront, input, output: features }],
    },
    { id: `${id} results`, layer, inputIds: [`${id} features`], outputShape: results, moves: null },
    {
      id,
      layer,
      inputIds: [`${id} results`],
      outputShape: output,
      moves: [{ rearrangement: toBack, input: results, output }],
    },
  ];
}

/** Outputs from which on the weight gradient is faster with x transposed. */
const WIDE = 256;

function createLinear(op: LinearOp, context: LayerContext): NetworkLayer {
  const { name, arena, parameters, input, output, inputGradient, outputGradient } = context;
  const { kernels } = arena;
  const wide = Number(arena.choice.wide);
  const { inFeatures, outFeatures } = op;
  const weight = parameters.weights(`${name}.weight`);
  const bias = parameters.weights(`${name}.bias`);
  const weightGradient = parameters.gradients(`${name}.weight`);
  const biasGradient = parameters.gradients(`${name}.bias`);
  const weightRow = output.position;
  const outColumns = inEights(outFeatures);
  const transposed = inputGradient ? arena.allocateFloats(outFeatures * inputGradient.columns) : 0;

  const rowsOf = (count: number): number => count * input.height * input.width;
  // Columns of x are read once for each few outputs: when these are many, they are worth laying out in rows first.
  const rowBytes = padded(rowsOf(context.batch)) * 4;
  const columnsAsRows =
    outputGradient && outFeatures >= WIDE
      ? { base: arena.allocate(inFeatures * rowBytes), row: rowBytes, column: 4 }
      : null;

  const forward = (rows: number): void => {
    plainProduct(kernels, {
      rows,
      columns: outColumns,
      depth: inFeatures,
      wide,
      a: { base: input.base, row: input.position, column: 4 },
      b: { base: weight, row: weightRow },
      c: { base: output.base, row: output.position },
      bias,
    });
  };

  /** dW[i, o] = Σ x[s, i]·dy[s, o] */
  const weightBackward = (dy: ActivationBuffer, rows: number): void => {
    if (columnsAsRows)
      kernels.transpose({
        source: input.base,
        sourceRow: input.position,
        rows,
        columns: inFeatures,
        target: columnsAsRows.base,
        targetRow: columnsAsRows.row,
      });
    plainProduct(kernels, {
      rows: inFeatures,
      columns: outColumns,
      depth: rows,
      wide,
      a: columnsAsRows ?? { base: input.base, row: 4, column: input.position },
      b: { base: dy.base, row: dy.position },
      c: { base: weightGradient, row: weightRow },
      bias: 0,
    });
    if (biasGradient)
      kernels.columnSums({
        region: overRows(rows),
        x: matrixAt(dy.base, dy.position),
        channels: dy.columns,
        target: biasGradient,
      });
  };

  /** dx[s, i] = Σ dy[s, o]·W[o, i] */
  const inputBackward = (dy: ActivationBuffer, dx: ActivationBuffer, rows: number): void => {
    kernels.transpose({
      source: weight,
      sourceRow: weightRow,
      rows: inFeatures,
      columns: outFeatures,
      target: transposed,
      targetRow: dx.position,
    });
    plainProduct(kernels, {
      rows,
      columns: inEights(inFeatures),
      depth: outFeatures,
      wide,
      a: { base: dy.base, row: dy.position, column: 4 },
      b: { base: transposed, row: dx.position },
      c: { base: dx.base, row: dx.position },
      bias: 0,
    });
  };

  return {
    name,
    forward: (_mode, count) => forward(rowsOf(count)),
    backward: (count) => {
      if (!outputGradient) return;
      weightBackward(outputGradient, rowsOf(count));
      if (inputGradient) inputBackward(outputGradient, inputGradient, rowsOf(count));
    },
  };
}
