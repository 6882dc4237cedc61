/** Convolutions of every channel by itself. Weights are stored `[kernelHeight, kernelWidth, columns]`. */
import { spatialSizes } from "../../protocol/layerOps";
import { type ActivationBuffer, padded } from "../activationBuffer";
import { fillWithBias } from "./bias";
import { clearBuffer } from "../clearBuffer";
import type { ParameterSpec } from "../parameterSpec";
import { phasesOf } from "./axisPhases";
import {
  axesOf,
  type ConvolutionParts,
  type ConvolutionShape,
  leavesGaps,
  type Product,
  type TransposedProduct,
} from "./convolution";

export function depthwiseWeight(name: string, shape: ConvolutionShape): ParameterSpec {
  const { outChannels, kernelSize } = shape;
  const taps = kernelSize[0] * kernelSize[1];
  const columns = padded(outChannels);
  return {
    name,
    shape: [outChannels, 1, ...spatialSizes(shape, kernelSize)],
    storedFloats: taps * columns,
    storedIndex: (index) => (index % taps) * columns + Math.floor(index / taps),
  };
}

export function createDepthwiseProduct({ arena, shape, weight, weightGradient }: ConvolutionParts): Product {
  const { kernels } = arena;
  const [kernelHeight, kernelWidth] = shape.kernelSize;
  const tapBytes = padded(shape.outChannels) * 4;
  /** What both sums read of the image: the corner, the strides between outputs, and those between taps. */
  const windows = (x: ActivationBuffer): readonly [number, number, number, number, number, number] => [
    x.base - shape.padding[0] * x.row - shape.padding[1] * x.position,
    x.image,
    x.row * shape.stride[0],
    x.position * shape.stride[1],
    x.row * shape.dilation[0],
    x.position * shape.dilation[1],
  ];
  return {
    toMap(x, y, count, bias) {
      fillWithBias(arena, bias, y, count);
      kernels.depthwise(
        count,
        y.height,
        y.width,
        y.columns,
        kernelHeight,
        kernelWidth,
        ...windows(x),
        weight,
        kernelWidth * tapBytes,
        tapBytes,
        y.base,
        y.image,
        y.row,
        y.position,
        Number(bias !== 0),
      );
    },
    weightGradient(x, y, count) {
      arena.floats(weightGradient, (kernelHeight * kernelWidth * tapBytes) / 4).fill(0);
      kernels.depthwiseWeights(
        count,
        y.height,
        y.width,
        y.columns,
        kernelHeight,
        kernelWidth,
        ...windows(x),
        y.base,
        y.image,
        y.row,
        y.position,
        weightGradient,
      );
    },
  };
}

/** One pass per residue class of positions modulo the stride, with the taps in the order of the outputs that they lead to. */
export function createTransposedDepthwise({ arena, shape, weight, image, map }: ConvolutionParts): TransposedProduct {
  const { kernels } = arena;
  const [strideY, strideX] = shape.stride;
  const { vertical, horizontal } = axesOf(shape, image, map);
  const phases = phasesOf(vertical).flatMap((y) => phasesOf(horizontal).map((x) => ({ y, x })));
  const hasGaps = leavesGaps(shape, image, phases.length);
  const tapBytes = padded(shape.outChannels) * 4;
  const tapRowBytes = shape.kernelSize[1] * tapBytes;
  return (from, to, count, accumulate) => {
    if (hasGaps && !accumulate) clearBuffer(arena, to, count);
    for (const { y, x } of phases) {
      kernels.depthwise(
        count,
        y.count,
        x.count,
        to.columns,
        y.taps,
        x.taps,
        from.base + y.firstOutput * from.row + x.firstOutput * from.position,
        from.image,
        from.row,
        from.position,
        from.row * y.outputStep,
        from.position * x.outputStep,
        weight + y.lastTap * tapRowBytes + x.lastTap * tapBytes,
        -y.tapStep * tapRowBytes,
        -x.tapStep * tapBytes,
        to.base + y.offset * to.row + x.offset * to.position,
        to.image,
        to.row * strideY,
        to.position * strideX,
        Number(accumulate),
      );
    }
  };
}
