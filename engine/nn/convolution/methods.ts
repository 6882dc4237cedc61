/** Which way a convolution goes: channel by channel, or as dense products. */
import type { ParameterSpec } from "../parameterSpec";
import {
  type ConvolutionParts,
  type ConvolutionShape,
  isDepthwise,
  type Product,
  type TransposedProduct,
} from "./convolution";
import { createDenseProduct, createTransposedDense, denseWeight } from "./denseConvolution";
import { createDepthwiseProduct, createTransposedDepthwise, depthwiseWeight } from "./depthwiseConvolution";

interface ConvolutionMethod {
  weight(name: string, shape: ConvolutionShape, imageColumns: number): ParameterSpec;
  createProduct(parts: ConvolutionParts): Product;
  createTransposed(parts: ConvolutionParts): TransposedProduct;
}

const dense: ConvolutionMethod = {
  weight: denseWeight,
  createProduct: createDenseProduct,
  createTransposed: createTransposedDense,
};
const depthwise: ConvolutionMethod = {
  weight: depthwiseWeight,
  createProduct: createDepthwiseProduct,
  createTransposed: createTransposedDepthwise,
};

/** An image that is stored without padding (a network's own input) has no columns to go by eight at a time. */
export function methodFor(shape: ConvolutionShape, imageColumns: number): ConvolutionMethod {
  return isDepthwise(shape) && imageColumns % 8 === 0 ? depthwise : dense;
}
