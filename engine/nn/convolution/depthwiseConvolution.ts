/** Convolutions of every channel by itself. Weights are stored `[kernelHeight, kernelWidth, columns]`. */
import { spatialSizes } from "../../protocol/layerOps";
import { type ActivationBuffer, padded, positionsOf } from "../activationBuffer";
import { fillWithBias } from "./bias";
import { clearBuffer } from "../clearBuffer";
import type { Operand } from "../kernels/operands";
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
  /** The values of the image under the first tap, by output. */
  const corner = (x: ActivationBuffer): Operand => ({
    base: x.base - shape.padding[0] * x.row - shape.padding[1] * x.position,
    image: x.image,
    row: x.row * shape.stride[0],
    position: x.position * shape.stride[1],
  });
  return {
    toMap(x, y, count, bias) {
      fillWithBias(arena, bias, y, count);
      kernels.depthwise({
        region: positionsOf(count, y),
        columns: y.columns,
        tapsY: kernelHeight,
        tapsX: kernelWidth,
        x: corner(x),
        xTapRow: x.row * shape.dilation[0],
        xTap: x.position * shape.dilation[1],
        weights: weight,
        weightTapRow: kernelWidth * tapBytes,
        weightTap: tapBytes,
        y,
        accumulate: Number(bias !== 0),
      });
    },
    weightGradient(x, y, count) {
      arena.floats(weightGradient, (kernelHeight * kernelWidth * tapBytes) / 4).fill(0);
      kernels.depthwiseWeights({
        region: positionsOf(count, y),
        columns: y.columns,
        tapsY: kernelHeight,
        tapsX: kernelWidth,
        x: corner(x),
        xTapRow: x.row * shape.dilation[0],
        xTap: x.position * shape.dilation[1],
        dy: y,
        gradient: weightGradient,
      });
    },
  };
}

/**
 * One pass per residue class of positions modulo the stride, with the taps in the order of the outputs that they lead
 * to.
 */
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
      kernels.depthwise({
        region: { images: count, rows: y.count, positions: x.count },
        columns: to.columns,
        tapsY: y.taps,
        tapsX: x.taps,
        x: {
          base: from.base + y.firstOutput * from.row + x.firstOutput * from.position,
          image: from.image,
          row: from.row,
          position: from.position,
        },
        xTapRow: from.row * y.outputStep,
        xTap: from.position * x.outputStep,
        weights: weight + y.lastTap * tapRowBytes + x.lastTap * tapBytes,
        weightTapRow: -y.tapStep * tapRowBytes,
        weightTap: -x.tapStep * tapBytes,
        y: {
          base: to.base + y.offset * to.row + x.offset * to.position,
          image: to.image,
          row: to.row * strideY,
          position: to.position * strideX,
        },
        accumulate: Number(accumulate),
      });
    }
  };
}
