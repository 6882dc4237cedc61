/**
 * The arithmetic of a convolution along one axis. Output o takes input i = o·stride + t·dilation − padding through tap
 * t ("A guide to convolution arithmetic for deep learning", Dumoulin & Visin 2016, section 4); the input gradient goes
 * the same way back.
 */

export interface ConvolutionAxis {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/**
 * One residue class of input positions modulo the stride. Input i = stride·q + offset takes `taps` outputs, from
 * q + firstOutput in steps of `outputStep`, through the taps lastTap, lastTap − tapStep, …
 */
export interface AxisPhase {
  readonly offset: number;
  /** How many input positions the class has. */
  readonly count: number;
  readonly taps: number;
  readonly lastTap: number;
  readonly tapStep: number;
  readonly firstOutput: number;
  readonly outputStep: number;
}

/** The classes that some output reaches; input positions of the others have no gradient. */
export function phasesOf(axis: ConvolutionAxis): AxisPhase[] {
  const { inputSize, kernel, stride, padding, dilation } = axis;
  const shared = greatestCommonDivisor(stride, dilation);
  const tapStep = stride / shared;
  return Array.from({ length: Math.min(stride, inputSize) }, (_, offset) => offset).flatMap((offset): AxisPhase[] => {
    const firstTap = Array.from({ length: Math.min(tapStep, kernel) }, (_, tap) => tap).find(
      (tap) => (offset + padding - tap * dilation) % stride === 0,
    );
    if (firstTap === undefined) return [];
    const taps = Math.ceil((kernel - firstTap) / tapStep);
    const lastTap = firstTap + tapStep * (taps - 1);
    return [
      {
        offset,
        count: Math.ceil((inputSize - offset) / stride),
        taps,
        lastTap,
        tapStep,
        firstOutput: (offset + padding - lastTap * dilation) / stride,
        outputStep: dilation / shared,
      },
    ];
  });
}

/** How far reading goes beyond the edges: of the input, and of the output's gradient. */
export interface AxisHalo {
  readonly inputBefore: number;
  readonly inputAfter: number;
  readonly gradientBefore: number;
  readonly gradientAfter: number;
}

export function axisHalo(axis: ConvolutionAxis): AxisHalo {
  const phases = phasesOf(axis);
  const lastRead = (axis.outputSize - 1) * axis.stride + (axis.kernel - 1) * axis.dilation - axis.padding;
  const lastOutput = ({ count, firstOutput, taps, outputStep }: AxisPhase): number =>
    count - 1 + firstOutput + (taps - 1) * outputStep;
  return {
    inputBefore: axis.padding,
    inputAfter: Math.max(0, lastRead - (axis.inputSize - 1)),
    gradientBefore: Math.max(0, ...phases.map(({ firstOutput }) => -firstOutput)),
    gradientAfter: Math.max(0, ...phases.map((phase) => lastOutput(phase) - (axis.outputSize - 1))),
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
