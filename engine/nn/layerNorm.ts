/**
 * Layer normalisation (Ba et al. 2016; torch.nn.LayerNorm): y = γ·(x − μ)/√(σ² + ε) + β, where μ and σ² are taken over the
 * last axes of each sample, `normalizedShape`, and γ and β have one value for each of their elements. Other axes are kept apart:
 * of tokens `[sample, token, feature]` each token has a mean of its own. Nothing depends on the batch.
 */
import type { LayerNormOp } from "../protocol/layerOps";
import { elementCount, type Shape } from "../protocol/shape";
import type { ActivationBuffer } from "./activationBuffer";
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

type Outer<T> = readonly [T, T];
type Inner<T> = readonly [T, T, T];

/** Axes that are kept apart and axes that are normalized over, from the outermost on; what is missing gets `none`. */
function split(
  values: readonly number[],
  innerAxes: number,
  none: number,
): readonly [...Outer<number>, ...Inner<number>] {
  const outer = values.slice(0, values.length - innerAxes);
  const inner = values.slice(values.length - innerAxes);
  const [o0 = none, o1 = none] = [...outer, none, none];
  const [i0 = none, i1 = none, i2 = none] = [none, none, none, ...inner].slice(-3);
  return [o0, o1, i0, i1, i2];
}

/** `shape` is `[feature]`, `[channel, length]` or `[channel, height, width]`. */
function createLayerNorm({ normalizedShape, epsilon }: LayerNormOp, shape: Shape, context: LayerContext): NetworkLayer {
  const { name, arena, parameters, batch, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const axes = normalizedShape.length;
  const sizes = split(shape, axes, 1);
  const strides = ({ row, position }: ActivationBuffer): ReturnType<typeof split> =>
    split([4, ...(shape.length === 3 ? [row] : []), ...(shape.length > 1 ? [position] : [])], axes, 0);
  const parts = sizes[0] * sizes[1];
  const means = arena.allocate(batch * parts * 8);
  const inverses = arena.allocate(batch * parts * 8);
  const sums = arena.allocate(elementCount(normalizedShape) * 16);
  const gamma = parameters.weights(`${name}.weight`);
  const beta = parameters.weights(`${name}.bias`);
  const nowhere = [0, 0, 0, 0, 0] as const;
  return {
    name,
    forward: (_mode, count) => {
      kernels.layerNorm(
        count,
        epsilon,
        ...sizes,
        x.base,
        x.image,
        ...strides(x),
        y.base,
        y.image,
        ...strides(y),
        gamma,
        beta,
        means,
        inverses,
      );
    },
    backward: (count) => {
      if (!dy) return;
      kernels.layerNormGradient(
        count,
        ...sizes,
        x.base,
        x.image,
        ...strides(x),
        dy.base,
        dy.image,
        ...strides(dy),
        dx?.base ?? 0,
        dx?.image ?? 0,
        ...(dx ? strides(dx) : nowhere),
        gamma,
        means,
        inverses,
        sums,
        parameters.gradients(`${name}.weight`),
        parameters.gradients(`${name}.bias`),
      );
    },
  };
}
