/**
 * 2-D convolution (torch.nn.Conv2d, groups 1, dilation 1, zero padding):
 * y[s, o, i, j] = b[o] + Σ W[o, c, u, v]·x[s, c, i·stride + u − pad, j·stride + v − pad].
 *
 * Direct product over haloed channel-last images: a kernel row (kernelWidth × channels) is contiguous in the input,
 * so no im2col copy is made. Weights are stored `[kernelHeight, kernelWidth, inColumns, outColumns]`.
 */
import type { Conv2dOp } from "../protocol/modelGraph";
import { type ActivationBuffer, padded } from "./activationBuffer";
import { clearBuffer } from "./clearBuffer";
import type { Arena } from "./arena";
import type { HaloNeeds, LayerContext, NetworkLayer } from "./layer";
import type { ParameterSpec } from "./parameterSpec";

export function conv2dParameters(name: string, op: Conv2dOp, inputColumns: number): ParameterSpec[] {
  const [kernelHeight, kernelWidth] = op.kernelSize;
  const columns = padded(op.outChannels);
  const taps = kernelHeight * kernelWidth;
  const weight: ParameterSpec = {
    name: `${name}.weight`,
    shape: [op.outChannels, op.inChannels, kernelHeight, kernelWidth],
    storedFloats: taps * inputColumns * columns,
    storedIndex: (index) => {
      const tap = index % taps;
      const channel = Math.floor(index / taps) % op.inChannels;
      return (tap * inputColumns + channel) * columns + Math.floor(index / (taps * op.inChannels));
    },
  };
  const bias: ParameterSpec = { name: `${name}.bias`, shape: [op.outChannels], storedFloats: columns, storedIndex: (index) => index };
  return op.bias ? [weight, bias] : [weight];
}

/**
 * One residue class of input positions along an axis, for the input gradient. Input i = stride·q + offset takes the
 * outputs q + firstOutput … q + firstOutput + taps − 1, through kernel taps lastTap, lastTap − stride, …
 */
interface AxisPhase {
  readonly offset: number;
  readonly count: number;
  readonly taps: number;
  readonly lastTap: number;
  readonly firstOutput: number;
}

interface Axis {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

function phasesOf({ inputSize, kernel, stride, padding }: Axis): AxisPhase[] {
  return Array.from({ length: Math.min(stride, inputSize) }, (_, offset) => {
    const firstTap = (offset + padding) % stride;
    const taps = Math.max(0, Math.ceil((kernel - firstTap) / stride));
    return {
      offset,
      count: Math.ceil((inputSize - offset) / stride),
      taps,
      lastTap: firstTap + stride * (taps - 1),
      firstOutput: Math.floor((offset + padding) / stride) - (taps - 1),
    };
  });
}

function axisHalo(axis: Axis): { inputBefore: number; inputAfter: number; gradientBefore: number; gradientAfter: number } {
  const phases = phasesOf(axis).filter((phase) => phase.taps > 0);
  const lastRead = (axis.outputSize - 1) * axis.stride + axis.kernel - 1 - axis.padding;
  return {
    inputBefore: axis.padding,
    inputAfter: Math.max(0, lastRead - (axis.inputSize - 1)),
    gradientBefore: Math.max(0, ...phases.map((phase) => -phase.firstOutput)),
    gradientAfter: Math.max(0, ...phases.map((phase) => phase.count - 1 + phase.firstOutput + phase.taps - 1 - (axis.outputSize - 1))),
  };
}

interface Extent {
  readonly height: number;
  readonly width: number;
}

function axesOf(op: Conv2dOp, input: Extent, output: Extent): { vertical: Axis; horizontal: Axis } {
  const [kernelHeight, kernelWidth] = op.kernelSize;
  return {
    vertical: { inputSize: input.height, outputSize: output.height, kernel: kernelHeight, stride: op.stride[0], padding: op.padding[0] },
    horizontal: { inputSize: input.width, outputSize: output.width, kernel: kernelWidth, stride: op.stride[1], padding: op.padding[1] },
  };
}

export function conv2dHalos(op: Conv2dOp, input: Extent, output: Extent): HaloNeeds {
  const { vertical, horizontal } = axesOf(op, input, output);
  const y = axisHalo(vertical);
  const x = axisHalo(horizontal);
  return {
    input: { top: y.inputBefore, bottom: y.inputAfter, left: x.inputBefore, right: x.inputAfter },
    outputGradient: { top: y.gradientBefore, bottom: y.gradientAfter, left: x.gradientBefore, right: x.gradientAfter },
  };
}

/** Images whose output gradient fits the second-level cache together: weight gradients go through them block by block. */
const BLOCK_BYTES = 256 * 1024;

export function createConv2d(op: Conv2dOp, context: LayerContext): NetworkLayer {
  const { name, arena, parameters, input, output, inputGradient, outputGradient } = context;
  const { kernels } = arena;
  const wide = Number(arena.choice.wide);
  const [kernelHeight, kernelWidth] = op.kernelSize;
  const [strideY, strideX] = op.stride;
  const weight = parameters.weights(`${name}.weight`);
  const bias = parameters.weights(`${name}.bias`);
  const weightGradient = parameters.gradients(`${name}.weight`);
  const biasGradient = parameters.gradients(`${name}.bias`);
  const weightRow = output.columns * 4;
  const kernelRowFloats = kernelWidth * input.columns;
  const inputCorner = input.base - op.padding[0] * input.row - op.padding[1] * input.position;

  const forward = (count: number): void => {
    if (bias) kernels.fillRows(count, output.height, output.width, output.base, output.image, output.row, output.position, output.columns, bias);
    kernels.matrixProduct(
      count, output.height, output.width, output.columns, wide,
      inputCorner, input.image, input.row * strideY, input.position * strideX, 4, input.row - kernelRowFloats * 4, 0,
      weight, weightRow, 0, 0, kernelRowFloats, kernelHeight, 1,
      output.base, output.image, output.row, output.position, Number(bias !== 0),
    );
  };

  /** dW[u, v, c, o] = Σ over samples and positions of x[…]·dy[…] */
  const weightBackward = (dy: ActivationBuffer, count: number): void => {
    const block = Math.max(1, Math.floor(BLOCK_BYTES / dy.image));
    const stepX = input.position * strideX;
    const stepY = input.row * strideY;
    for (let first = 0; first < count; first += block) {
      kernels.matrixProduct(
        1, kernelHeight, kernelRowFloats, output.columns, wide,
        inputCorner + first * input.image, 0, input.row, 4, stepX, stepY - output.width * stepX, input.image - output.height * stepY,
        dy.base + first * dy.image, dy.position, dy.row - output.width * dy.position, dy.image - output.height * dy.row,
        output.width, output.height, Math.min(block, count - first),
        weightGradient, 0, kernelRowFloats * weightRow, weightRow, Number(first > 0),
      );
    }
    if (biasGradient) kernels.columnSums(count, dy.height, dy.width, dy.base, dy.image, dy.row, dy.position, dy.columns, biasGradient);
  };

  const inputBackward = inputGradient ? createInputBackward(op, { arena, weight, weightRow, input, output, inputGradient }) : null;

  return {
    name,
    forward: (_mode, count) => forward(count),
    backward: (count) => {
      if (!outputGradient) return;
      weightBackward(outputGradient, count);
      inputBackward?.(outputGradient, count);
    },
  };
}

interface InputBackwardParts {
  readonly arena: Arena;
  readonly weight: number;
  readonly weightRow: number;
  readonly input: ActivationBuffer;
  readonly output: ActivationBuffer;
  readonly inputGradient: ActivationBuffer;
}

/**
 * dx as one dense convolution per residue class of positions modulo the stride (one class at stride 1), over the
 * haloed gradient and a flipped, transposed copy of the weights. Positions that no tap reaches (a stride larger than the
 * kernel) are zero, whatever other layers have added to them in the last step.
 */
function createInputBackward(op: Conv2dOp, parts: InputBackwardParts): (dy: ActivationBuffer, count: number) => void {
  const { arena, weight, weightRow, input, output, inputGradient: dx } = parts;
  const { kernels } = arena;
  const [, kernelWidth] = op.kernelSize;
  const [strideY, strideX] = op.stride;
  const { vertical, horizontal } = axesOf(op, input, output);
  const tapFloats = output.columns * dx.columns;
  const phases = phasesOf(vertical)
    .flatMap((y) => phasesOf(horizontal).map((x) => ({ y, x })))
    .filter(({ y, x }) => y.taps > 0 && x.taps > 0)
    .map(({ y, x }) => ({ y, x, packed: arena.allocateFloats(y.taps * x.taps * tapFloats) }));

  const leavesGaps = phases.length < strideY * strideX;

  return (dy, count) => {
    if (leavesGaps) clearBuffer(arena, dx, count);
    for (const { y, x, packed } of phases) {
      for (let v = 0; v < y.taps; v++) {
        for (let u = 0; u < x.taps; u++) {
          const tap = (y.lastTap - v * strideY) * kernelWidth + (x.lastTap - u * strideX);
          const target = packed + (v * x.taps + u) * tapFloats * 4;
          kernels.transpose(weight + tap * input.columns * weightRow, weightRow, op.inChannels, op.outChannels, target, dx.columns * 4);
        }
      }
      const rowFloats = x.taps * output.columns;
      kernels.matrixProduct(
        count, y.count, x.count, dx.columns, Number(arena.choice.wide),
        dy.base + y.firstOutput * dy.row + x.firstOutput * dy.position, dy.image, dy.row, dy.position, 4, dy.row - rowFloats * 4, 0,
        packed, dx.columns * 4, 0, 0, rowFloats, y.taps, 1,
        dx.base + y.offset * dx.row + x.offset * dx.position, dx.image, dx.row * strideY, dx.position * strideX, 0,
      );
    }
  };
}
