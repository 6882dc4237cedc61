/** What TensorFlow.js calls the things of Keras: the same layers, arguments in camel case. */

/**
 * `tf.layers.*` by the class they make (js.tensorflow.org/api, "Layers"). Layers with other defaults than Keras's are
 * left out.
 */
const CLASSES: Readonly<Record<string, string>> = {
  activation: "Activation",
  add: "Add",
  alphaDropout: "AlphaDropout",
  average: "Average",
  averagePooling1d: "AveragePooling1D",
  averagePooling2d: "AveragePooling2D",
  avgPool2d: "AveragePooling2D",
  avgPooling2d: "AveragePooling2D",
  batchNormalization: "BatchNormalization",
  bidirectional: "Bidirectional",
  concatenate: "Concatenate",
  conv1d: "Conv1D",
  conv2d: "Conv2D",
  conv2dTranspose: "Conv2DTranspose",
  conv3d: "Conv3D",
  cropping2D: "Cropping2D",
  dense: "Dense",
  depthwiseConv2d: "DepthwiseConv2D",
  dropout: "Dropout",
  elu: "ELU",
  embedding: "Embedding",
  flatten: "Flatten",
  gaussianDropout: "GaussianDropout",
  gaussianNoise: "GaussianNoise",
  globalAveragePooling1d: "GlobalAveragePooling1D",
  globalAveragePooling2d: "GlobalAveragePooling2D",
  globalMaxPooling1d: "GlobalMaxPooling1D",
  globalMaxPooling2d: "GlobalMaxPooling2D",
  inputLayer: "InputLayer",
  layerNormalization: "LayerNormalization",
  leakyReLU: "LeakyReLU",
  lstm: "LSTM",
  maxPool2d: "MaxPooling2D",
  maxPooling1d: "MaxPooling1D",
  maxPooling2d: "MaxPooling2D",
  maximum: "Maximum",
  minimum: "Minimum",
  multiply: "Multiply",
  permute: "Permute",
  prelu: "PReLU",
  reLU: "ReLU",
  repeatVector: "RepeatVector",
  reshape: "Reshape",
  separableConv2d: "SeparableConv2D",
  simpleRNN: "SimpleRNN",
  softmax: "Softmax",
  spatialDropout1d: "SpatialDropout1D",
  timeDistributed: "TimeDistributed",
  upSampling2d: "UpSampling2D",
  zeroPadding2d: "ZeroPadding2D",
};

const BUILDERS: Readonly<Record<string, string>> = {
  sequential: "keras.Sequential",
  model: "keras.Model",
  input: "keras.Input",
};

/** The Keras path of `tfjs.layers.conv2d`; the path itself for everything else. */
export function kerasPathOfTfjs(path: string): string {
  const [, layer] = /^tfjs\.layers\.(\w+)$/.exec(path) ?? [];
  const className = layer === undefined ? undefined : CLASSES[layer];
  if (className !== undefined) return `keras.layers.${className}`;
  const [, builder] = /^tfjs\.(\w+)$/.exec(path) ?? [];
  return (builder === undefined ? undefined : BUILDERS[builder]) ?? path;
}

/** `tf.layers.conv2d({…})`: calls whose only argument is an object of named arguments. */
export function takesNamedArguments(callee: string, library: string): boolean {
  return (
    callee.startsWith(`${library}.layers.`) || Object.keys(BUILDERS).some((name) => callee === `${library}.${name}`)
  );
}

/** `kernelSize` is `kernel_size`. */
export function snakeCased(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Values that are spelt in camel case too: `channelsFirst`. */
export const spelledInSnakeCase = new Set(["data_format"]);
