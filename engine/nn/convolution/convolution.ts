/**
 * The product that convolutions and transposed convolutions share, over haloed channel-last images.
 *
 * Between an image x `[sample, row, position, in]` and a map y `[sample, row, position, out]`, with the taps (u, v):
 * y[s, o, i, j] = Σ W[o, c, u, v]·x[s, c, i·stride + u·dilation − pad, j·stride + v·dilation − pad].
 * `toMap` is that; the transposed product sends a map's values back to where they came from;
 * `weightGradient` is the derivative of ⟨y, toMap(x)⟩ by W. Reading beyond an edge reads the halo, which is zero.
 */
import type { Conv2dOp } from "../../protocol/layerOps";
import type { ActivationBuffer, Halo } from "../activationBuffer";
import type { Arena } from "../arena";
import { type AxisPhase, axisHalo, type ConvolutionAxis } from "./axisPhases";

/**
 * W is `[outChannels, inChannels / groups, height, width]`, of sequences `[outChannels, inChannels / groups, length]`.
 */
export type ConvolutionShape = Pick<
  Conv2dOp,
  "spatialDims" | "inChannels" | "outChannels" | "kernelSize" | "stride" | "padding" | "dilation" | "groups"
>;

export interface Extent {
  readonly height: number;
  readonly width: number;
}

export interface Product {
  /** y = b + W ∗ x, with the address of b, 0 for none. */
  toMap(x: ActivationBuffer, y: ActivationBuffer, count: number, bias: number): void;
  /** Writes the gradient of W. */
  weightGradient(x: ActivationBuffer, y: ActivationBuffer, count: number): void;
}

/** x (+)= Wᵀ ∗ y */
export type TransposedProduct = (y: ActivationBuffer, x: ActivationBuffer, count: number, accumulate: boolean) => void;

/**
 * What a product is made over: addresses of the weights and of their gradient (0 where nothing learns), and the sizes
 * of both sides.
 */
export interface ConvolutionParts {
  readonly arena: Arena;
  readonly shape: ConvolutionShape;
  readonly weight: number;
  readonly weightGradient: number;
  readonly image: Extent;
  readonly map: Extent;
  /** Channels of a position of the image as it is stored. */
  readonly imageColumns: number;
}

/** One weight per tap and channel: every channel is convolved by itself (Howard et al. 2017, section 3.1). */
export const isDepthwise = ({ groups, inChannels, outChannels }: ConvolutionShape): boolean =>
  groups > 1 && groups === inChannels && groups === outChannels;

export function axesOf(
  { kernelSize, stride, padding, dilation }: ConvolutionShape,
  image: Extent,
  map: Extent,
): { vertical: ConvolutionAxis; horizontal: ConvolutionAxis } {
  return {
    vertical: {
      inputSize: image.height,
      outputSize: map.height,
      kernel: kernelSize[0],
      stride: stride[0],
      padding: padding[0],
      dilation: dilation[0],
    },
    horizontal: {
      inputSize: image.width,
      outputSize: map.width,
      kernel: kernelSize[1],
      stride: stride[1],
      padding: padding[1],
      dilation: dilation[1],
    },
  };
}

/** Halos that `toMap` reads of the image and the transposed product of the map. */
export function convolutionHalos(
  shape: ConvolutionShape,
  image: Extent,
  map: Extent,
): { readonly image: Halo; readonly map: Halo } {
  const { vertical, horizontal } = axesOf(shape, image, map);
  const y = axisHalo(vertical);
  const x = axisHalo(horizontal);
  return {
    image: { top: y.inputBefore, bottom: y.inputAfter, left: x.inputBefore, right: x.inputAfter },
    map: { top: y.gradientBefore, bottom: y.gradientAfter, left: x.gradientBefore, right: x.gradientAfter },
  };
}

/**
 * Whether there are positions of the image that no tap reaches. `phases` counts the residue classes that some tap does.
 */
export function leavesGaps({ stride }: ConvolutionShape, image: Extent, phases: number): boolean {
  return phases < Math.min(stride[0], image.height) * Math.min(stride[1], image.width);
}

/** The taps of a phase in the order of the outputs that they lead to. */
export function phaseTaps({ taps, lastTap, tapStep }: AxisPhase): number[] {
  return Array.from({ length: taps }, (_, index) => lastTap - index * tapStep);
}
