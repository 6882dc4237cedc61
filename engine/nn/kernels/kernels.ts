/**
 * The compiled kernels, typed. Names and arguments are those of `assembly/*.ts`; addresses and strides are bytes.
 * Both modules hold the same functions, so a caller never knows which one it runs on.
 */
import fmaBytes from "./build/fma.wasm";
import plainBytes from "./build/plain.wasm";

type Kernel = (...args: number[]) => void;
type Measure = (...args: number[]) => number;

export interface Kernels {
  readonly matrixProduct: Kernel;
  readonly depthwise: Kernel;
  readonly depthwiseWeights: Kernel;
  readonly transpose: Kernel;
  readonly fillRows: Kernel;
  readonly shiftedSums: Kernel;
  readonly finishStatistics: Kernel;
  readonly updateRunning: Kernel;
  readonly normalizationCoefficients: Kernel;
  readonly inverseDeviation: Kernel;
  readonly normalize: Kernel;
  readonly gradientSums: Kernel;
  readonly finishGradients: Kernel;
  readonly inputGradient: Kernel;
  readonly normalizedDifference: Kernel;
  readonly renormFactors: Kernel;
  readonly renormAffine: Kernel;
  readonly renormStatistics: Kernel;
  readonly renormGammaGradient: Kernel;
  readonly relu: Kernel;
  readonly reluGradient: Kernel;
  readonly sigmoid: Kernel;
  readonly sigmoidGradient: Kernel;
  readonly activate: Kernel;
  readonly activateGradient: Kernel;
  readonly activity: Measure;
  readonly dropout: Kernel;
  readonly prelu: Kernel;
  readonly preluGradient: Kernel;
  readonly softmax: Kernel;
  readonly softmaxGradient: Kernel;
  readonly groupNorm: Kernel;
  readonly groupNormGradient: Kernel;
  readonly updateInstanceRunning: Kernel;
  readonly layerNorm: Kernel;
  readonly layerNormGradient: Kernel;
  readonly add: Kernel;
  readonly subtract: Kernel;
  readonly multiply: Kernel;
  readonly affine: Kernel;
  readonly copy: Kernel;
  readonly copyChannels: Kernel;
  readonly columnSums: Kernel;
  readonly maxPool: Kernel;
  readonly maxPoolGradient: Kernel;
  readonly avgPool: Kernel;
  readonly avgPoolGradient: Kernel;
  readonly adaptiveAvgPool: Kernel;
  readonly adaptiveMaxPool: Kernel;
  readonly adaptiveAvgPoolGradient: Kernel;
  readonly flatten: Kernel;
  readonly unflatten: Kernel;
  readonly mapRuns: Kernel;
  readonly outputLoss: Measure;
  readonly sgd: Kernel;
  readonly sgdMomentum: Kernel;
  readonly adam: Kernel;
  readonly rmsprop: Kernel;
  readonly scale: Kernel;
  readonly accumulate: Kernel;
  readonly firstNonFinite: Measure;
  readonly sumOfSquares: Measure;
  readonly heapBase: () => number;
}

export type KernelModuleName = "fma" | "plain";

/** Which module to run, and whether matrix tiles are 16 columns wide, which changes speed and no bit. */
export interface KernelChoice {
  readonly module: KernelModuleName;
  readonly wide: boolean;
}

const bytesOf: Readonly<Record<KernelModuleName, Uint8Array>> = { fma: fmaBytes, plain: plainBytes };
const compiled = new Map<KernelModuleName, WebAssembly.Module>();

function moduleNamed(name: KernelModuleName): WebAssembly.Module {
  const known = compiled.get(name);
  if (known) return known;
  const fresh = new WebAssembly.Module(bytesOf[name] as Uint8Array<ArrayBuffer>);
  compiled.set(name, fresh);
  return fresh;
}

/** One instance over the given memory. Throws WebAssembly.CompileError where the module's instructions are missing. */
export function instantiateKernels(name: KernelModuleName, memory: WebAssembly.Memory, team?: KernelTeam): Kernels {
  const module = moduleNamed(name);
  const kernels = instantiate(module, memory);
  return team ? team.join(kernels, module, memory) : kernels;
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: abortKernel } });
  return instance.exports as unknown as Kernels;
}

/** Several threads over one memory. */
export interface KernelTeam {
  /** The same kernels, each call of which may be divided among the team; the bits are the same. */
  join(kernels: Kernels, module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels;
}

function abortKernel(): never {
  throw new Error("a kernel aborted");
}
