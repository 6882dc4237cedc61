/**
 * Layer normalisation (Ba et al. 2016; torch.nn.LayerNorm): y = γ·(x − μ)/√(σ² + ε) + β, where μ and σ² are taken over
 * the last axes of each sample, `normalizedShape`, and γ and β have one value for each of their elements. Other axes
 * are kept apart: of tokens `[sample, token, feature]` each token has its own mean. Nothing depends on the batch.
 */
import type { LayerNormOp } from "../protocol/layerOps";
import { elementCount, type Shape } from "../protocol/shape";
import type { ActivationBuffer } from "./activationBuffer";
import type { SplitAxes, SplitOperand } from "./kernels/operands";
import type { LayerContext, NetworkLayer } from "./layer";
import { type LayerEntry, plainAffine } from "./layerEntry";
import type { ParameterSpec } from "./parameterSpec";

export const layerNorm: LayerEntry<LayerNormOp> = {
  ...plainAffine,
  create: (op, context, { step }) => createLayerNorm(op, step.outputShape, context),
  parameters: layerNormParameters,
};

function layerNormParameters(name: string, { normalizedShape, affine }: LayerNormOp): ParameterSpec[] {
  if (!affine) return [];
  const tensor = (suffix: string): ParameterSpec => ({
    name: `${name}.${suffix}`,
    shape: normalizedShape,
    storedFloats: elementCount(normalizedShape),
    storedIndex: (index) => index,
  });
  return [tensor("weight"), tensor("bias")];
}

/** Axes that are kept apart and axes that are normalized over, from the outermost on; what is missing gets `none`. */
function split(values: readonly number[], innerAxes: number, none: number): SplitAxes {
  const outer = values.slice(0, values.length - innerAxes);
  const inner = values.slice(values.length - innerAxes);
  const [outer0 = none, outer1 = none] = outer;
  const [inner0 = none, inner1 = none, inner2 = none] = [none, none, none, ...inner].slice(-3);
  return { outer0, outer1, inner0, inner1, inner2 };
}

/** `shape` is `[feature]`, `[channel, length]` or `[channel, height, width]`. */
function createLayerNorm({ normalizedShape, epsilon }: LayerNormOp, shape: Shape, context: LayerContext): NetworkLayer {
  const { name, arena, parameters, batch, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const axes = normalizedShape.length;
  const sizes = split(shape, axes, 1);
  const operand = ({ base, image, row, position }: ActivationBuffer): SplitOperand => ({
    base,
    image,
    ...split([4, ...(shape.length === 3 ? [row] : []), ...(shape.length > 1 ? [position] : [])], axes, 0),
  });
  const parts = sizes.outer0 * sizes.outer1;
  const means = arena.allocate(batch * parts * 8);
  const inverses = arena.allocate(batch * parts * 8);
  const sums = arena.allocate(elementCount(normalizedShape) * 16);
  const gamma = parameters.weights(`${name}.weight`);
  const beta = parameters.weights(`${name}.bias`);
  const [from, to] = [operand(x), operand(y)];
  return {
    name,
    forward: (_mode, count) =>
      kernels.layerNorm({ images: count, epsilon, axes: sizes, x: from, y: to, gamma, beta, means, inverses }),
    backward: (count) => {
      if (!dy) return;
      kernels.layerNormGradient({
        images: count,
        axes: sizes,
        x: from,
        dy: operand(dy),
        dx: dx ? operand(dx) : NOWHERE,
        gamma,
        means,
        inverses,
        sums,
        gammaGradient: parameters.gradients(`${name}.weight`),
        betaGradient: parameters.gradients(`${name}.bias`),
      });
    },
  };
}

const NOWHERE: SplitOperand = { base: 0, image: 0, ...split([], 0, 0) };
