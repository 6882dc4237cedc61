// biome-ignore-all format: written by build.mjs from assembly/*.ts, which is the place for changes.
/* eslint-disable max-lines-per-function -- one call a kernel */
import type { Operand, Region, SplitAxes, SplitOperand } from "./operands";

/** The names of every kernel's arguments, in their order. */
export const kernelArguments = {
  matrixProduct: ["images", "rows", "positions", "columns", "wide", "a", "aImage", "aRow", "aPosition", "aK0", "aK1",
    "aK2", "b", "bK0", "bK1", "bK2", "k0", "k1", "k2", "c", "cImage", "cRow", "cPosition", "accumulate", "bias"],
  transpose: ["source", "sourceRow", "rows", "columns", "target", "targetRow"],
  fillRows: ["images", "rows", "positions", "target", "targetImage", "targetRow", "targetPosition", "columns",
    "values"],
  depthwise: ["images", "rows", "positions", "columns", "tapsY", "tapsX", "x", "xImage", "xRow", "xPosition", "xTapRow",
    "xTap", "weights", "weightTapRow", "weightTap", "y", "yImage", "yRow", "yPosition", "accumulate"],
  depthwiseWeights: ["images", "rows", "positions", "columns", "tapsY", "tapsX", "x", "xImage", "xRow", "xPosition",
    "xTapRow", "xTap", "dy", "dyImage", "dyRow", "dyPosition", "gradient"],
  shiftedSums: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "columns", "shift", "sums",
    "squareSums"],
  finishStatistics: ["channels", "count", "shift", "sums", "squareSums", "mean", "residue", "variance"],
  updateRunning: ["channels", "weight", "varianceFactor", "mean", "variance", "runningMean", "runningVariance"],
  updateReplays: ["channels", "count", "weights", "varianceFactor", "mean", "variance", "statistics", "bytes"],
  normalizationCoefficients: ["channels", "epsilon", "residue", "variance", "gamma", "beta", "scale", "shift"],
  inverseDeviation: ["channels", "epsilon", "variance", "inverse"],
  normalize: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow", "yPosition",
    "columns", "mean", "scale", "shift"],
  gradientSums: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "dy", "dyImage", "dyRow",
    "dyPosition", "columns", "mean", "sums", "productSums"],
  finishGradients: ["channels", "count", "epsilon", "batchMode", "residue", "variance", "scale", "sums", "productSums",
    "dGamma", "dBeta", "slope", "offset"],
  inputGradient: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "dy", "dyImage", "dyRow",
    "dyPosition", "dx", "dxImage", "dxRow", "dxPosition", "columns", "mean", "scale", "slope", "offset"],
  normalizedDifference: ["images", "rows", "positions", "x1", "x1Image", "x1Row", "x1Position", "x2", "x2Image",
    "x2Row", "x2Position", "channels", "mean1", "inverse1", "mean2", "inverse2", "sums"],
  renormFactors: ["channels", "epsilon", "rMax", "dMax", "mean", "residue", "variance", "runningMean",
    "runningVariance", "r", "d"],
  renormAffine: ["channels", "r", "d", "gamma", "beta", "scaled", "shifted"],
  renormStatistics: ["channels", "epsilon", "mean", "variance", "r", "d", "effectiveMean", "effectiveVariance"],
  renormGammaGradient: ["channels", "r", "d", "dBeta", "dGamma"],
  relu: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow", "yPosition",
    "columns"],
  reluGradient: ["images", "rows", "positions", "y", "yImage", "yRow", "yPosition", "dy", "dyImage", "dyRow",
    "dyPosition", "dx", "dxImage", "dxRow", "dxPosition", "columns"],
  sigmoid: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow", "yPosition",
    "columns", "channels"],
  sigmoidGradient: ["images", "rows", "positions", "y", "yImage", "yRow", "yPosition", "dy", "dyImage", "dyRow",
    "dyPosition", "dx", "dxImage", "dxRow", "dxPosition", "columns"],
  copy: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow", "yPosition",
    "columns"],
  copyChannels: ["images", "rows", "positions", "channels", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow",
    "yPosition"],
  columnSums: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "channels", "target"],
  dropout: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow", "yPosition",
    "columns", "channels", "perChannel", "firstKey", "secondKey", "threshold", "scale"],
  prelu: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow", "yPosition",
    "columns", "slopes"],
  preluGradient: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "dy", "dyImage", "dyRow",
    "dyPosition", "dx", "dxImage", "dxRow", "dxPosition", "columns", "slopes", "sums"],
  softmax: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow", "yPosition",
    "channels", "isLogarithm"],
  softmaxGradient: ["images", "rows", "positions", "y", "yImage", "yRow", "yPosition", "dy", "dyImage", "dyRow",
    "dyPosition", "dx", "dxImage", "dxRow", "dxPosition", "channels", "isLogarithm"],
  activate: ["code", "parameter", "upper", "images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y",
    "yImage", "yRow", "yPosition", "columns", "channels"],
  activateGradient: ["code", "parameter", "upper", "images", "rows", "positions", "x", "xImage", "xRow", "xPosition",
    "dy", "dyImage", "dyRow", "dyPosition", "dx", "dxImage", "dxRow", "dxPosition", "columns"],
  activity: ["images", "rows", "positions", "y", "yImage", "yRow", "yPosition", "columns", "low", "high", "alive"],
  add: ["images", "rows", "positions", "a", "aImage", "aRow", "aPosition", "b", "bImage", "bRow", "bPosition", "y",
    "yImage", "yRow", "yPosition", "columns"],
  subtract: ["images", "rows", "positions", "a", "aImage", "aRow", "aPosition", "b", "bImage", "bRow", "bPosition", "y",
    "yImage", "yRow", "yPosition", "columns"],
  multiply: ["images", "rows", "positions", "a", "aImage", "aRow", "aPosition", "b", "bImage", "bRow", "bPosition", "y",
    "yImage", "yRow", "yPosition", "columns"],
  affine: ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow", "yPosition",
    "columns", "channels", "scale", "shift"],
  groupNorm: ["images", "rows", "positions", "channels", "groups", "epsilon", "x", "xImage", "xRow", "xPosition", "y",
    "yImage", "yRow", "yPosition", "gamma", "beta", "means", "inverses"],
  groupNormGradient: ["images", "rows", "positions", "channels", "groups", "x", "xImage", "xRow", "xPosition", "dy",
    "dyImage", "dyRow", "dyPosition", "dx", "dxImage", "dxRow", "dxPosition", "gamma", "means", "inverses", "sums",
    "gammaGradient", "betaGradient"],
  updateInstanceRunning: ["images", "channels", "count", "epsilon", "weight", "means", "inverses", "runningMean",
    "runningVariance"],
  layerNorm: ["images", "epsilon", "outer0", "outer1", "inner0", "inner1", "inner2", "x", "xImage", "xOuter0",
    "xOuter1", "xInner0", "xInner1", "xInner2", "y", "yImage", "yOuter0", "yOuter1", "yInner0", "yInner1", "yInner2",
    "gamma", "beta", "means", "inverses"],
  layerNormGradient: ["images", "outer0", "outer1", "inner0", "inner1", "inner2", "x", "xImage", "xOuter0", "xOuter1",
    "xInner0", "xInner1", "xInner2", "dy", "dyImage", "dyOuter0", "dyOuter1", "dyInner0", "dyInner1", "dyInner2", "dx",
    "dxImage", "dxOuter0", "dxOuter1", "dxInner0", "dxInner1", "dxInner2", "gamma", "means", "inverses", "sums",
    "gammaGradient", "betaGradient"],
  maxPool: ["images", "inHeight", "inWidth", "outHeight", "outWidth", "columns", "kernelHeight", "kernelWidth",
    "strideY", "strideX", "padY", "padX", "dilationY", "dilationX", "x", "xImage", "xRow", "xPosition", "y", "yImage",
    "yRow", "yPosition", "winners"],
  adaptiveMaxPool: ["images", "inHeight", "inWidth", "outHeight", "outWidth", "columns", "x", "xImage", "xRow",
    "xPosition", "y", "yImage", "yRow", "yPosition", "winners"],
  maxPoolGradient: ["images", "outHeight", "outWidth", "columns", "winners", "dx", "dxImage", "dxRow", "dxPosition",
    "dy", "dyImage", "dyRow", "dyPosition"],
  adaptiveAvgPool: ["images", "inHeight", "inWidth", "outHeight", "outWidth", "columns", "x", "xImage", "xRow",
    "xPosition", "y", "yImage", "yRow", "yPosition"],
  adaptiveAvgPoolGradient: ["images", "inHeight", "inWidth", "outHeight", "outWidth", "columns", "dx", "dxImage",
    "dxRow", "dxPosition", "dy", "dyImage", "dyRow", "dyPosition"],
  avgPool: ["images", "inHeight", "inWidth", "outHeight", "outWidth", "columns", "kernelHeight", "kernelWidth",
    "strideY", "strideX", "padY", "padX", "countPadding", "x", "xImage", "xRow", "xPosition", "y", "yImage", "yRow",
    "yPosition"],
  avgPoolGradient: ["images", "inHeight", "inWidth", "outHeight", "outWidth", "columns", "kernelHeight", "kernelWidth",
    "strideY", "strideX", "padY", "padX", "countPadding", "dx", "dxImage", "dxRow", "dxPosition", "dy", "dyImage",
    "dyRow", "dyPosition"],
  flatten: ["images", "rows", "positions", "channels", "x", "xImage", "xRow", "xPosition", "y", "ySample"],
  unflatten: ["images", "rows", "positions", "channels", "features", "featureSample", "x", "xImage", "xRow",
    "xPosition"],
  mapRuns: ["images", "runs", "table", "from", "to", "adds", "x", "xImage", "y", "yImage"],
  outputLoss: ["kind", "images", "rows", "positions", "classes", "columns", "x", "xImage", "xRow", "xPosition",
    "labels", "smoothing", "gradientScale", "gradient", "gradientImage", "gradientRow", "gradientPosition",
    "predictions"],
  scale: ["values", "count", "factor"],
  accumulate: ["sums", "values", "count"],
  sgd: ["weights", "gradients", "count", "learningRate", "decay"],
  sgdMomentum: ["weights", "gradients", "velocities", "count", "learningRate", "momentum", "nesterov", "decay"],
  adam: ["weights", "gradients", "means", "squares", "count", "beta1", "beta2", "stepSize", "rootCorrection", "epsilon",
    "decay"],
  rmsprop: ["weights", "gradients", "squares", "velocities", "count", "learningRate", "smoothing", "momentum",
    "epsilon", "decay"],
  firstNonFinite: ["values", "count"],
  sumOfSquares: ["values", "count"],
  heapBase: [],
} as const;

export type KernelName = keyof typeof kernelArguments;
export type ArgumentOf<Name extends KernelName> = (typeof kernelArguments)[Name][number];

type Numbers<Names extends readonly string[]> = { readonly [Index in keyof Names]: number };
/** The kernels as WebAssembly has them: arguments by position. */
export type PositionalKernels = {
  readonly [Name in KernelName]: (...args: Numbers<(typeof kernelArguments)[Name]>) => ReturnType<Kernels[Name]>;
};

/** The kernels as the engine calls them: arguments by name. */
export interface Kernels {
  readonly matrixProduct: (call: { region: Region; columns: number; wide: number; a: Operand; aK0: number; aK1: number;
    aK2: number; b: number; bK0: number; bK1: number; bK2: number; k0: number; k1: number; k2: number; c: Operand;
    accumulate: number; bias: number }) => void;
  readonly transpose: (call: { source: number; sourceRow: number; rows: number; columns: number; target: number;
    targetRow: number }) => void;
  readonly fillRows: (call: { region: Region; target: Operand; columns: number; values: number }) => void;
  readonly depthwise: (call: { region: Region; columns: number; tapsY: number; tapsX: number; x: Operand;
    xTapRow: number; xTap: number; weights: number; weightTapRow: number; weightTap: number; y: Operand;
    accumulate: number }) => void;
  readonly depthwiseWeights: (call: { region: Region; columns: number; tapsY: number; tapsX: number; x: Operand;
    xTapRow: number; xTap: number; dy: Operand; gradient: number }) => void;
  readonly shiftedSums: (call: { region: Region; x: Operand; columns: number; shift: number; sums: number;
    squareSums: number }) => void;
  readonly finishStatistics: (call: { channels: number; count: number; shift: number; sums: number; squareSums: number;
    mean: number; residue: number; variance: number }) => void;
  readonly updateRunning: (call: { channels: number; weight: number; varianceFactor: number; mean: number;
    variance: number; runningMean: number; runningVariance: number }) => void;
  readonly updateReplays: (call: { channels: number; count: number; weights: number; varianceFactor: number;
    mean: number; variance: number; statistics: number; bytes: number }) => void;
  readonly normalizationCoefficients: (call: { channels: number; epsilon: number; residue: number; variance: number;
    gamma: number; beta: number; scale: number; shift: number }) => void;
  readonly inverseDeviation: (call: { channels: number; epsilon: number; variance: number; inverse: number }) => void;
  readonly normalize: (call: { region: Region; x: Operand; y: Operand; columns: number; mean: number; scale: number;
    shift: number }) => void;
  readonly gradientSums: (call: { region: Region; x: Operand; dy: Operand; columns: number; mean: number; sums: number;
    productSums: number }) => void;
  readonly finishGradients: (call: { channels: number; count: number; epsilon: number; batchMode: number;
    residue: number; variance: number; scale: number; sums: number; productSums: number; dGamma: number; dBeta: number;
    slope: number; offset: number }) => void;
  readonly inputGradient: (call: { region: Region; x: Operand; dy: Operand; dx: Operand; columns: number; mean: number;
    scale: number; slope: number; offset: number }) => void;
  readonly normalizedDifference: (call: { region: Region; x1: Operand; x2: Operand; channels: number; mean1: number;
    inverse1: number; mean2: number; inverse2: number; sums: number }) => void;
  readonly renormFactors: (call: { channels: number; epsilon: number; rMax: number; dMax: number; mean: number;
    residue: number; variance: number; runningMean: number; runningVariance: number; r: number; d: number }) => void;
  readonly renormAffine: (call: { channels: number; r: number; d: number; gamma: number; beta: number; scaled: number;
    shifted: number }) => void;
  readonly renormStatistics: (call: { channels: number; epsilon: number; mean: number; variance: number; r: number;
    d: number; effectiveMean: number; effectiveVariance: number }) => void;
  readonly renormGammaGradient: (call: { channels: number; r: number; d: number; dBeta: number;
    dGamma: number }) => void;
  readonly relu: (call: { region: Region; x: Operand; y: Operand; columns: number }) => void;
  readonly reluGradient: (call: { region: Region; y: Operand; dy: Operand; dx: Operand; columns: number }) => void;
  readonly sigmoid: (call: { region: Region; x: Operand; y: Operand; columns: number; channels: number }) => void;
  readonly sigmoidGradient: (call: { region: Region; y: Operand; dy: Operand; dx: Operand; columns: number }) => void;
  readonly copy: (call: { region: Region; x: Operand; y: Operand; columns: number }) => void;
  readonly copyChannels: (call: { region: Region; channels: number; x: Operand; y: Operand }) => void;
  readonly columnSums: (call: { region: Region; x: Operand; channels: number; target: number }) => void;
  readonly dropout: (call: { region: Region; x: Operand; y: Operand; columns: number; channels: number;
    perChannel: number; firstKey: number; secondKey: number; threshold: number; scale: number }) => void;
  readonly prelu: (call: { region: Region; x: Operand; y: Operand; columns: number; slopes: number }) => void;
  readonly preluGradient: (call: { region: Region; x: Operand; dy: Operand; dx: Operand; columns: number;
    slopes: number; sums: number }) => void;
  readonly softmax: (call: { region: Region; x: Operand; y: Operand; channels: number; isLogarithm: number }) => void;
  readonly softmaxGradient: (call: { region: Region; y: Operand; dy: Operand; dx: Operand; channels: number;
    isLogarithm: number }) => void;
  readonly activate: (call: { code: number; parameter: number; upper: number; region: Region; x: Operand; y: Operand;
    columns: number; channels: number }) => void;
  readonly activateGradient: (call: { code: number; parameter: number; upper: number; region: Region; x: Operand;
    dy: Operand; dx: Operand; columns: number }) => void;
  readonly activity: (call: { region: Region; y: Operand; columns: number; low: number; high: number;
    alive: number }) => number;
  readonly add: (call: { region: Region; a: Operand; b: Operand; y: Operand; columns: number }) => void;
  readonly subtract: (call: { region: Region; a: Operand; b: Operand; y: Operand; columns: number }) => void;
  readonly multiply: (call: { region: Region; a: Operand; b: Operand; y: Operand; columns: number }) => void;
  readonly affine: (call: { region: Region; x: Operand; y: Operand; columns: number; channels: number; scale: number;
    shift: number }) => void;
  readonly groupNorm: (call: { region: Region; channels: number; groups: number; epsilon: number; x: Operand;
    y: Operand; gamma: number; beta: number; means: number; inverses: number }) => void;
  readonly groupNormGradient: (call: { region: Region; channels: number; groups: number; x: Operand; dy: Operand;
    dx: Operand; gamma: number; means: number; inverses: number; sums: number; gammaGradient: number;
    betaGradient: number }) => void;
  readonly updateInstanceRunning: (call: { images: number; channels: number; count: number; epsilon: number;
    weight: number; means: number; inverses: number; runningMean: number; runningVariance: number }) => void;
  readonly layerNorm: (call: { images: number; epsilon: number; axes: SplitAxes; x: SplitOperand; y: SplitOperand;
    gamma: number; beta: number; means: number; inverses: number }) => void;
  readonly layerNormGradient: (call: { images: number; axes: SplitAxes; x: SplitOperand; dy: SplitOperand;
    dx: SplitOperand; gamma: number; means: number; inverses: number; sums: number; gammaGradient: number;
    betaGradient: number }) => void;
  readonly maxPool: (call: { images: number; inHeight: number; inWidth: number; outHeight: number; outWidth: number;
    columns: number; kernelHeight: number; kernelWidth: number; strideY: number; strideX: number; padY: number;
    padX: number; dilationY: number; dilationX: number; x: Operand; y: Operand; winners: number }) => void;
  readonly adaptiveMaxPool: (call: { images: number; inHeight: number; inWidth: number; outHeight: number;
    outWidth: number; columns: number; x: Operand; y: Operand; winners: number }) => void;
  readonly maxPoolGradient: (call: { images: number; outHeight: number; outWidth: number; columns: number;
    winners: number; dx: Operand; dy: Operand }) => void;
  readonly adaptiveAvgPool: (call: { images: number; inHeight: number; inWidth: number; outHeight: number;
    outWidth: number; columns: number; x: Operand; y: Operand }) => void;
  readonly adaptiveAvgPoolGradient: (call: { images: number; inHeight: number; inWidth: number; outHeight: number;
    outWidth: number; columns: number; dx: Operand; dy: Operand }) => void;
  readonly avgPool: (call: { images: number; inHeight: number; inWidth: number; outHeight: number; outWidth: number;
    columns: number; kernelHeight: number; kernelWidth: number; strideY: number; strideX: number; padY: number;
    padX: number; countPadding: number; x: Operand; y: Operand }) => void;
  readonly avgPoolGradient: (call: { images: number; inHeight: number; inWidth: number; outHeight: number;
    outWidth: number; columns: number; kernelHeight: number; kernelWidth: number; strideY: number; strideX: number;
    padY: number; padX: number; countPadding: number; dx: Operand; dy: Operand }) => void;
  readonly flatten: (call: { region: Region; channels: number; x: Operand; y: number; ySample: number }) => void;
  readonly unflatten: (call: { region: Region; channels: number; features: number; featureSample: number;
    x: Operand }) => void;
  readonly mapRuns: (call: { images: number; runs: number; table: number; from: number; to: number; adds: number;
    x: number; xImage: number; y: number; yImage: number }) => void;
  readonly outputLoss: (call: { kind: number; region: Region; classes: number; columns: number; x: Operand;
    labels: number; smoothing: number; gradientScale: number; gradient: Operand; predictions: number }) => number;
  readonly scale: (call: { values: number; count: number; factor: number }) => void;
  readonly accumulate: (call: { sums: number; values: number; count: number }) => void;
  readonly sgd: (call: { weights: number; gradients: number; count: number; learningRate: number;
    decay: number }) => void;
  readonly sgdMomentum: (call: { weights: number; gradients: number; velocities: number; count: number;
    learningRate: number; momentum: number; nesterov: number; decay: number }) => void;
  readonly adam: (call: { weights: number; gradients: number; means: number; squares: number; count: number;
    beta1: number; beta2: number; stepSize: number; rootCorrection: number; epsilon: number; decay: number }) => void;
  readonly rmsprop: (call: { weights: number; gradients: number; squares: number; velocities: number; count: number;
    learningRate: number; smoothing: number; momentum: number; epsilon: number; decay: number }) => void;
  readonly firstNonFinite: (call: { values: number; count: number }) => number;
  readonly sumOfSquares: (call: { values: number; count: number }) => number;
  readonly heapBase: () => number;
}

/** Calls by name of these kernels. */
export function namedKernels(kernels: PositionalKernels): Kernels {
  return {
    matrixProduct: ({ region, columns, wide, a, aK0, aK1, aK2, b, bK0, bK1, bK2, k0, k1, k2, c, accumulate, bias }) =>
      kernels.matrixProduct(region.images, region.rows, region.positions, columns, wide, a.base, a.image, a.row,
        a.position, aK0, aK1, aK2, b, bK0, bK1, bK2, k0, k1, k2, c.base, c.image, c.row, c.position, accumulate, bias),
    transpose: ({ source, sourceRow, rows, columns, target, targetRow }) =>
      kernels.transpose(source, sourceRow, rows, columns, target, targetRow),
    fillRows: ({ region, target, columns, values }) =>
      kernels.fillRows(region.images, region.rows, region.positions, target.base, target.image, target.row,
        target.position, columns, values),
    depthwise: ({ region, columns, tapsY, tapsX, x, xTapRow, xTap, weights, weightTapRow, weightTap, y, accumulate }) =>
      kernels.depthwise(region.images, region.rows, region.positions, columns, tapsY, tapsX, x.base, x.image, x.row,
        x.position, xTapRow, xTap, weights, weightTapRow, weightTap, y.base, y.image, y.row, y.position, accumulate),
    depthwiseWeights: ({ region, columns, tapsY, tapsX, x, xTapRow, xTap, dy, gradient }) =>
      kernels.depthwiseWeights(region.images, region.rows, region.positions, columns, tapsY, tapsX, x.base, x.image,
        x.row, x.position, xTapRow, xTap, dy.base, dy.image, dy.row, dy.position, gradient),
    shiftedSums: ({ region, x, columns, shift, sums, squareSums }) =>
      kernels.shiftedSums(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, columns,
        shift, sums, squareSums),
    finishStatistics: ({ channels, count, shift, sums, squareSums, mean, residue, variance }) =>
      kernels.finishStatistics(channels, count, shift, sums, squareSums, mean, residue, variance),
    updateRunning: ({ channels, weight, varianceFactor, mean, variance, runningMean, runningVariance }) =>
      kernels.updateRunning(channels, weight, varianceFactor, mean, variance, runningMean, runningVariance),
    updateReplays: ({ channels, count, weights, varianceFactor, mean, variance, statistics, bytes }) =>
      kernels.updateReplays(channels, count, weights, varianceFactor, mean, variance, statistics, bytes),
    normalizationCoefficients: ({ channels, epsilon, residue, variance, gamma, beta, scale, shift }) =>
      kernels.normalizationCoefficients(channels, epsilon, residue, variance, gamma, beta, scale, shift),
    inverseDeviation: ({ channels, epsilon, variance, inverse }) =>
      kernels.inverseDeviation(channels, epsilon, variance, inverse),
    normalize: ({ region, x, y, columns, mean, scale, shift }) =>
      kernels.normalize(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, y.base,
        y.image, y.row, y.position, columns, mean, scale, shift),
    gradientSums: ({ region, x, dy, columns, mean, sums, productSums }) =>
      kernels.gradientSums(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, dy.base,
        dy.image, dy.row, dy.position, columns, mean, sums, productSums),
    finishGradients: ({ channels, count, epsilon, batchMode, residue, variance, scale, sums, productSums, dGamma, dBeta,
      slope, offset }) =>
      kernels.finishGradients(channels, count, epsilon, batchMode, residue, variance, scale, sums, productSums, dGamma,
        dBeta, slope, offset),
    inputGradient: ({ region, x, dy, dx, columns, mean, scale, slope, offset }) =>
      kernels.inputGradient(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, dy.base,
        dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, columns, mean, scale, slope, offset),
    normalizedDifference: ({ region, x1, x2, channels, mean1, inverse1, mean2, inverse2, sums }) =>
      kernels.normalizedDifference(region.images, region.rows, region.positions, x1.base, x1.image, x1.row, x1.position,
        x2.base, x2.image, x2.row, x2.position, channels, mean1, inverse1, mean2, inverse2, sums),
    renormFactors: ({ channels, epsilon, rMax, dMax, mean, residue, variance, runningMean, runningVariance, r, d }) =>
      kernels.renormFactors(channels, epsilon, rMax, dMax, mean, residue, variance, runningMean, runningVariance, r, d),
    renormAffine: ({ channels, r, d, gamma, beta, scaled, shifted }) =>
      kernels.renormAffine(channels, r, d, gamma, beta, scaled, shifted),
    renormStatistics: ({ channels, epsilon, mean, variance, r, d, effectiveMean, effectiveVariance }) =>
      kernels.renormStatistics(channels, epsilon, mean, variance, r, d, effectiveMean, effectiveVariance),
    renormGammaGradient: ({ channels, r, d, dBeta, dGamma }) =>
      kernels.renormGammaGradient(channels, r, d, dBeta, dGamma),
    relu: ({ region, x, y, columns }) =>
      kernels.relu(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, y.base, y.image,
        y.row, y.position, columns),
    reluGradient: ({ region, y, dy, dx, columns }) =>
      kernels.reluGradient(region.images, region.rows, region.positions, y.base, y.image, y.row, y.position, dy.base,
        dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, columns),
    sigmoid: ({ region, x, y, columns, channels }) =>
      kernels.sigmoid(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, y.base, y.image,
        y.row, y.position, columns, channels),
    sigmoidGradient: ({ region, y, dy, dx, columns }) =>
      kernels.sigmoidGradient(region.images, region.rows, region.positions, y.base, y.image, y.row, y.position, dy.base,
        dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, columns),
    copy: ({ region, x, y, columns }) =>
      kernels.copy(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, y.base, y.image,
        y.row, y.position, columns),
    copyChannels: ({ region, channels, x, y }) =>
      kernels.copyChannels(region.images, region.rows, region.positions, channels, x.base, x.image, x.row, x.position,
        y.base, y.image, y.row, y.position),
    columnSums: ({ region, x, channels, target }) =>
      kernels.columnSums(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, channels,
        target),
    dropout: ({ region, x, y, columns, channels, perChannel, firstKey, secondKey, threshold, scale }) =>
      kernels.dropout(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, y.base, y.image,
        y.row, y.position, columns, channels, perChannel, firstKey, secondKey, threshold, scale),
    prelu: ({ region, x, y, columns, slopes }) =>
      kernels.prelu(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, y.base, y.image,
        y.row, y.position, columns, slopes),
    preluGradient: ({ region, x, dy, dx, columns, slopes, sums }) =>
      kernels.preluGradient(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, dy.base,
        dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, columns, slopes, sums),
    softmax: ({ region, x, y, channels, isLogarithm }) =>
      kernels.softmax(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, y.base, y.image,
        y.row, y.position, channels, isLogarithm),
    softmaxGradient: ({ region, y, dy, dx, channels, isLogarithm }) =>
      kernels.softmaxGradient(region.images, region.rows, region.positions, y.base, y.image, y.row, y.position, dy.base,
        dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, channels, isLogarithm),
    activate: ({ code, parameter, upper, region, x, y, columns, channels }) =>
      kernels.activate(code, parameter, upper, region.images, region.rows, region.positions, x.base, x.image, x.row,
        x.position, y.base, y.image, y.row, y.position, columns, channels),
    activateGradient: ({ code, parameter, upper, region, x, dy, dx, columns }) =>
      kernels.activateGradient(code, parameter, upper, region.images, region.rows, region.positions, x.base, x.image,
        x.row, x.position, dy.base, dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, columns),
    activity: ({ region, y, columns, low, high, alive }) =>
      kernels.activity(region.images, region.rows, region.positions, y.base, y.image, y.row, y.position, columns, low,
        high, alive),
    add: ({ region, a, b, y, columns }) =>
      kernels.add(region.images, region.rows, region.positions, a.base, a.image, a.row, a.position, b.base, b.image,
        b.row, b.position, y.base, y.image, y.row, y.position, columns),
    subtract: ({ region, a, b, y, columns }) =>
      kernels.subtract(region.images, region.rows, region.positions, a.base, a.image, a.row, a.position, b.base,
        b.image, b.row, b.position, y.base, y.image, y.row, y.position, columns),
    multiply: ({ region, a, b, y, columns }) =>
      kernels.multiply(region.images, region.rows, region.positions, a.base, a.image, a.row, a.position, b.base,
        b.image, b.row, b.position, y.base, y.image, y.row, y.position, columns),
    affine: ({ region, x, y, columns, channels, scale, shift }) =>
      kernels.affine(region.images, region.rows, region.positions, x.base, x.image, x.row, x.position, y.base, y.image,
        y.row, y.position, columns, channels, scale, shift),
    groupNorm: ({ region, channels, groups, epsilon, x, y, gamma, beta, means, inverses }) =>
      kernels.groupNorm(region.images, region.rows, region.positions, channels, groups, epsilon, x.base, x.image, x.row,
        x.position, y.base, y.image, y.row, y.position, gamma, beta, means, inverses),
    groupNormGradient: ({ region, channels, groups, x, dy, dx, gamma, means, inverses, sums, gammaGradient,
      betaGradient }) =>
      kernels.groupNormGradient(region.images, region.rows, region.positions, channels, groups, x.base, x.image, x.row,
        x.position, dy.base, dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, gamma, means,
        inverses, sums, gammaGradient, betaGradient),
    updateInstanceRunning: ({ images, channels, count, epsilon, weight, means, inverses, runningMean,
      runningVariance }) =>
      kernels.updateInstanceRunning(images, channels, count, epsilon, weight, means, inverses, runningMean,
        runningVariance),
    layerNorm: ({ images, epsilon, axes, x, y, gamma, beta, means, inverses }) =>
      kernels.layerNorm(images, epsilon, axes.outer0, axes.outer1, axes.inner0, axes.inner1, axes.inner2, x.base,
        x.image, x.outer0, x.outer1, x.inner0, x.inner1, x.inner2, y.base, y.image, y.outer0, y.outer1, y.inner0,
        y.inner1, y.inner2, gamma, beta, means, inverses),
    layerNormGradient: ({ images, axes, x, dy, dx, gamma, means, inverses, sums, gammaGradient, betaGradient }) =>
      kernels.layerNormGradient(images, axes.outer0, axes.outer1, axes.inner0, axes.inner1, axes.inner2, x.base,
        x.image, x.outer0, x.outer1, x.inner0, x.inner1, x.inner2, dy.base, dy.image, dy.outer0, dy.outer1, dy.inner0,
        dy.inner1, dy.inner2, dx.base, dx.image, dx.outer0, dx.outer1, dx.inner0, dx.inner1, dx.inner2, gamma, means,
        inverses, sums, gammaGradient, betaGradient),
    maxPool: ({ images, inHeight, inWidth, outHeight, outWidth, columns, kernelHeight, kernelWidth, strideY, strideX,
      padY, padX, dilationY, dilationX, x, y, winners }) =>
      kernels.maxPool(images, inHeight, inWidth, outHeight, outWidth, columns, kernelHeight, kernelWidth, strideY,
        strideX, padY, padX, dilationY, dilationX, x.base, x.image, x.row, x.position, y.base, y.image, y.row,
        y.position, winners),
    adaptiveMaxPool: ({ images, inHeight, inWidth, outHeight, outWidth, columns, x, y, winners }) =>
      kernels.adaptiveMaxPool(images, inHeight, inWidth, outHeight, outWidth, columns, x.base, x.image, x.row,
        x.position, y.base, y.image, y.row, y.position, winners),
    maxPoolGradient: ({ images, outHeight, outWidth, columns, winners, dx, dy }) =>
      kernels.maxPoolGradient(images, outHeight, outWidth, columns, winners, dx.base, dx.image, dx.row, dx.position,
        dy.base, dy.image, dy.row, dy.position),
    adaptiveAvgPool: ({ images, inHeight, inWidth, outHeight, outWidth, columns, x, y }) =>
      kernels.adaptiveAvgPool(images, inHeight, inWidth, outHeight, outWidth, columns, x.base, x.image, x.row,
        x.position, y.base, y.image, y.row, y.position),
    adaptiveAvgPoolGradient: ({ images, inHeight, inWidth, outHeight, outWidth, columns, dx, dy }) =>
      kernels.adaptiveAvgPoolGradient(images, inHeight, inWidth, outHeight, outWidth, columns, dx.base, dx.image,
        dx.row, dx.position, dy.base, dy.image, dy.row, dy.position),
    avgPool: ({ images, inHeight, inWidth, outHeight, outWidth, columns, kernelHeight, kernelWidth, strideY, strideX,
      padY, padX, countPadding, x, y }) =>
      kernels.avgPool(images, inHeight, inWidth, outHeight, outWidth, columns, kernelHeight, kernelWidth, strideY,
        strideX, padY, padX, countPadding, x.base, x.image, x.row, x.position, y.base, y.image, y.row, y.position),
    avgPoolGradient: ({ images, inHeight, inWidth, outHeight, outWidth, columns, kernelHeight, kernelWidth, strideY,
      strideX, padY, padX, countPadding, dx, dy }) =>
      kernels.avgPoolGradient(images, inHeight, inWidth, outHeight, outWidth, columns, kernelHeight, kernelWidth,
        strideY, strideX, padY, padX, countPadding, dx.base, dx.image, dx.row, dx.position, dy.base, dy.image, dy.row,
        dy.position),
    flatten: ({ region, channels, x, y, ySample }) =>
      kernels.flatten(region.images, region.rows, region.positions, channels, x.base, x.image, x.row, x.position, y,
        ySample),
    unflatten: ({ region, channels, features, featureSample, x }) =>
      kernels.unflatten(region.images, region.rows, region.positions, channels, features, featureSample, x.base,
        x.image, x.row, x.position),
    mapRuns: ({ images, runs, table, from, to, adds, x, xImage, y, yImage }) =>
      kernels.mapRuns(images, runs, table, from, to, adds, x, xImage, y, yImage),
    outputLoss: ({ kind, region, classes, columns, x, labels, smoothing, gradientScale, gradient, predictions }) =>
      kernels.outputLoss(kind, region.images, region.rows, region.positions, classes, columns, x.base, x.image, x.row,
        x.position, labels, smoothing, gradientScale, gradient.base, gradient.image, gradient.row, gradient.position,
        predictions),
    scale: ({ values, count, factor }) =>
      kernels.scale(values, count, factor),
    accumulate: ({ sums, values, count }) =>
      kernels.accumulate(sums, values, count),
    sgd: ({ weights, gradients, count, learningRate, decay }) =>
      kernels.sgd(weights, gradients, count, learningRate, decay),
    sgdMomentum: ({ weights, gradients, velocities, count, learningRate, momentum, nesterov, decay }) =>
      kernels.sgdMomentum(weights, gradients, velocities, count, learningRate, momentum, nesterov, decay),
    adam: ({ weights, gradients, means, squares, count, beta1, beta2, stepSize, rootCorrection, epsilon, decay }) =>
      kernels.adam(weights, gradients, means, squares, count, beta1, beta2, stepSize, rootCorrection, epsilon, decay),
    rmsprop: ({ weights, gradients, squares, velocities, count, learningRate, smoothing, momentum, epsilon, decay }) =>
      kernels.rmsprop(weights, gradients, squares, velocities, count, learningRate, smoothing, momentum, epsilon,
        decay),
    firstNonFinite: ({ values, count }) =>
      kernels.firstNonFinite(values, count),
    sumOfSquares: ({ values, count }) =>
      kernels.sumOfSquares(values, count),
    heapBase: kernels.heapBase,
  };
}
