/**
 * Convolutions with any number of groups as dense products (`channelBlocks.ts`). A kernel row (kernelWidth × channels)
 * of an ungrouped convolution is contiguous in the image, so no im2col copy is made. Weights are stored
 * `[block, kernelHeight, kernelWidth, inputRows, outputColumns]`.
 */
import { spatialSizes } from "../../protocol/layerOps";
import { type ActivationBuffer, padded, positionsOf } from "../activationBuffer";
import { clearBuffer } from "../clearBuffer";
import type { ParameterSpec } from "../parameterSpec";
import { type AxisPhase, phasesOf } from "./axisPhases";
import { type ChannelBlock, channelBlocks } from "./channelBlocks";
import {
  axesOf,
  type ConvolutionParts,
  type ConvolutionShape,
  leavesGaps,
  phaseTaps,
  type Product,
  type TransposedProduct,
} from "./convolution";

function blocksOf(shape: ConvolutionShape, imageColumns: number): ChannelBlock[] {
  return channelBlocks({
    ...shape,
    inputColumns: imageColumns,
    outputColumns: padded(shape.outChannels),
    taps: shape.kernelSize[0] * shape.kernelSize[1],
  });
}

export function denseWeight(name: string, shape: ConvolutionShape, imageColumns: number): ParameterSpec {
  const { inChannels, outChannels, groups, kernelSize } = shape;
  const taps = kernelSize[0] * kernelSize[1];
  const inPerGroup = inChannels / groups;
  const blocks = blocksOf(shape, imageColumns);
  const blockOf = blocks.flatMap((block) => Array.from({ length: block.outputChannels }, () => block));
  return {
    name,
    shape: [outChannels, inPerGroup, ...spatialSizes(shape, kernelSize)],
    storedFloats: blocks.reduce((floats, { inputRows, outputColumns }) => floats + taps * inputRows * outputColumns, 0),
    storedIndex: (index) => {
      const tap = index % taps;
      const output = Math.floor(index / (taps * inPerGroup));
      const input = Math.floor(output / (outChannels / groups)) * inPerGroup + (Math.floor(index / taps) % inPerGroup);
      const block = blockOf[output];
      if (block === undefined) throw new Error(`${name} has no value ${index}`);
      return (
        block.offset +
        (tap * block.inputRows + input - block.inputStart) * block.outputColumns +
        output -
        block.outputStart
      );
    },
  };
}

/** Images whose map fits the second-level cache together: weight gradients go through them block by block. */
const BLOCK_BYTES = 256 * 1024;

export function createDenseProduct(parts: ConvolutionParts): Product {
  const { arena, shape, weight, weightGradient, imageColumns } = parts;
  const { kernels } = arena;
  const wide = Number(arena.choice.wide);
  const [kernelHeight, kernelWidth] = shape.kernelSize;
  const [strideY, strideX] = shape.stride;
  const [dilationY, dilationX] = shape.dilation;
  const blocks = blocksOf(shape, imageColumns);
  const isWhole = blocks.length === 1;
  const corner = (x: ActivationBuffer, { inputStart }: ChannelBlock): number =>
    x.base - shape.padding[0] * x.row - shape.padding[1] * x.position + inputStart * 4;

  return {
    toMap(x, y, count, bias) {
      for (const block of blocks) {
        const rows = block.inputRows;
        const weightRow = block.outputColumns * 4;
        // The channels of neighbouring taps follow one another: one loop goes through both.
        const k =
          isWhole && dilationX === 1
            ? {
                step1: x.row * dilationY - kernelWidth * rows * 4,
                step2: 0,
                k0: kernelWidth * rows,
                k1: kernelHeight,
                k2: 1,
              }
            : {
                step1: x.position * dilationX - rows * 4,
                step2: x.row * dilationY - kernelWidth * dilationX * x.position,
                k0: rows,
                k1: kernelWidth,
                k2: kernelHeight,
              };
        kernels.matrixProduct({
          region: positionsOf(count, y),
          columns: block.outputColumns,
          wide,
          a: { base: corner(x, block), image: x.image, row: x.row * strideY, position: x.position * strideX },
          aK0: 4,
          aK1: k.step1,
          aK2: k.step2,
          b: weight + block.offset * 4,
          bK0: weightRow,
          bK1: 0,
          bK2: 0,
          k0: k.k0,
          k1: k.k1,
          k2: k.k2,
          c: { base: y.base + block.outputStart * 4, image: y.image, row: y.row, position: y.position },
          accumulate: 0,
          bias: bias && bias + block.outputStart * 4,
        });
      }
    },
    /** dW[u, v, c, o] = Σ over samples and positions of x[…]·y[…] */
    weightGradient(x, y, count) {
      const together = Math.max(1, Math.floor(BLOCK_BYTES / y.image));
      const stepX = x.position * strideX;
      const stepY = x.row * strideY;
      for (const block of blocks) {
        const rows = block.inputRows;
        const weightRow = block.outputColumns * 4;
        const c =
          isWhole && dilationX === 1
            ? {
                images: 1,
                rows: kernelHeight,
                positions: kernelWidth * rows,
                aImage: 0,
                aRow: x.row * dilationY,
                cImage: 0,
                cRow: kernelWidth * rows * weightRow,
              }
            : {
                images: kernelHeight,
                rows: kernelWidth,
                positions: rows,
                aImage: x.row * dilationY,
                aRow: x.position * dilationX,
                cImage: kernelWidth * rows * weightRow,
                cRow: rows * weightRow,
              };
        for (let first = 0; first < count; first += together) {
          kernels.matrixProduct({
            region: c,
            columns: block.outputColumns,
            wide,
            a: { base: corner(x, block) + first * x.image, image: c.aImage, row: c.aRow, position: 4 },
            aK0: stepX,
            aK1: stepY - y.width * stepX,
            aK2: x.image - y.height * stepY,
            b: y.base + block.outputStart * 4 + first * y.image,
            bK0: y.position,
            bK1: y.row - y.width * y.position,
            bK2: y.image - y.height * y.row,
            k0: y.width,
            k1: y.height,
            k2: Math.min(together, count - first),
            c: { base: weightGradient + block.offset * 4, image: c.cImage, row: c.cRow, position: weightRow },
            accumulate: Number(first > 0),
            bias: 0,
          });
        }
        clearBetweenGroups(parts, block);
      }
    },
  };
}

/** Weights between different groups are none: they stay zero. */
function clearBetweenGroups({ arena, shape, weightGradient }: ConvolutionParts, block: ChannelBlock): void {
  const { groups, inChannels, outChannels, kernelSize } = shape;
  const outPerGroup = outChannels / groups;
  if (outPerGroup >= block.outputChannels) return;
  const { inputRows, outputColumns } = block;
  const rows = kernelSize[0] * kernelSize[1] * inputRows;
  const gradient = arena.floats(weightGradient + block.offset * 4, rows * outputColumns);
  for (let row = 0; row < rows; row++) {
    const first = Math.floor((row % inputRows) / (inChannels / groups)) * outPerGroup;
    gradient.fill(0, row * outputColumns, row * outputColumns + Math.min(first, outputColumns));
    gradient.fill(0, row * outputColumns + Math.min(first + outPerGroup, outputColumns), (row + 1) * outputColumns);
  }
}

/**
 * One dense product per residue class of positions modulo the stride (one class at stride 1), over the haloed map and a
 * flipped, transposed copy of the weights. Positions that no tap reaches are zero, or what they were where it
 * accumulates.
 */
export function createTransposedDense(parts: ConvolutionParts): TransposedProduct {
  const { arena, shape, weight, image, map, imageColumns } = parts;
  const { kernels } = arena;
  const [kernelHeight, kernelWidth] = shape.kernelSize;
  const [strideY, strideX] = shape.stride;
  const { vertical, horizontal } = axesOf(shape, image, map);
  const phases = phasesOf(vertical).flatMap((y) => phasesOf(horizontal).map((x) => ({ y, x })));
  const hasGaps = leavesGaps(shape, image, phases.length);
  const blocks = blocksOf(shape, imageColumns);
  const isWhole = blocks.length === 1;
  const packed = arena.allocateFloats(
    Math.max(...blocks.map((block) => kernelHeight * kernelWidth * block.outputColumns * imageColumnsIn(block))),
  );

  const pack = (block: ChannelBlock, y: AxisPhase, x: AxisPhase): void => {
    const weightRow = block.outputColumns * 4;
    const tapBytes = block.outputColumns * imageColumnsIn(block) * 4;
    let target = packed;
    for (const v of phaseTaps(y)) {
      for (const u of phaseTaps(x)) {
        const source = weight + block.offset * 4 + (v * kernelWidth + u) * block.inputRows * weightRow;
        kernels.transpose({
          source,
          sourceRow: weightRow,
          rows: block.inputChannels,
          columns: block.outputChannels,
          target,
          targetRow: imageColumnsIn(block) * 4,
        });
        target += tapBytes;
      }
    }
  };

  return (from, to, count, accumulate) => {
    if (hasGaps && !accumulate) clearBuffer(arena, to, count);
    for (const block of blocks) {
      // What is left of another block's copy in the padding would be taken for weights.
      if (!isWhole)
        arena.floats(packed, kernelHeight * kernelWidth * block.outputColumns * imageColumnsIn(block)).fill(0);
      for (const { y, x } of phases) {
        pack(block, y, x);
        const columns = block.outputColumns;
        const k =
          isWhole && x.outputStep === 1
            ? {
                step1: from.row * y.outputStep - x.taps * columns * 4,
                step2: 0,
                k0: x.taps * columns,
                k1: y.taps,
                k2: 1,
              }
            : {
                step1: from.position * x.outputStep - columns * 4,
                step2: from.row * y.outputStep - x.taps * x.outputStep * from.position,
                k0: columns,
                k1: x.taps,
                k2: y.taps,
              };
        kernels.matrixProduct({
          region: { images: count, rows: y.count, positions: x.count },
          columns: imageColumnsIn(block),
          wide: Number(arena.choice.wide),
          a: {
            base: from.base + y.firstOutput * from.row + x.firstOutput * from.position + block.outputStart * 4,
            image: from.image,
            row: from.row,
            position: from.position,
          },
          aK0: 4,
          aK1: k.step1,
          aK2: k.step2,
          b: packed,
          bK0: imageColumnsIn(block) * 4,
          bK1: 0,
          bK2: 0,
          k0: k.k0,
          k1: k.k1,
          k2: k.k2,
          c: {
            base: to.base + y.offset * to.row + x.offset * to.position + block.inputStart * 4,
            image: to.image,
            row: to.row * strideY,
            position: to.position * strideX,
          },
          accumulate: Number(accumulate),
          bias: 0,
        });
      }
    }
  };
}

/** Columns of the image that a block covers; images that take a gradient are padded. */
const imageColumnsIn = ({ inputRows }: ChannelBlock): number => (inputRows + 7) & ~7;
