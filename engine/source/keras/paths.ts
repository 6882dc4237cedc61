/**
 * Where Keras keeps its names. The same layer has been `keras.layers.Conv2D`, `tensorflow.keras.layers.Conv2D`,
 * `keras.layers.convolutional.Conv2D` (before 2.6) and `keras.src.layers.Conv2D`; here it is always the first.
 */

import { kerasPathOfTfjs } from "../tfjs/kerasNames";

/** Spellings of a class that Keras keeps as aliases (keras/src/layers, `keras_export`). */
const CLASS_ALIASES: Readonly<Record<string, string>> = {
  AvgPool1D: "AveragePooling1D",
  AvgPool2D: "AveragePooling2D",
  AvgPool3D: "AveragePooling3D",
  Convolution1D: "Conv1D",
  Convolution2D: "Conv2D",
  Convolution2DTranspose: "Conv2DTranspose",
  Convolution3D: "Conv3D",
  Convolution3DTranspose: "Conv3DTranspose",
  GlobalAvgPool1D: "GlobalAveragePooling1D",
  GlobalAvgPool2D: "GlobalAveragePooling2D",
  GlobalAvgPool3D: "GlobalAveragePooling3D",
  GlobalMaxPool1D: "GlobalMaxPooling1D",
  GlobalMaxPool2D: "GlobalMaxPooling2D",
  GlobalMaxPool3D: "GlobalMaxPooling3D",
  MaxPool1D: "MaxPooling1D",
  MaxPool2D: "MaxPooling2D",
  MaxPool3D: "MaxPooling3D",
  SeparableConvolution1D: "SeparableConv1D",
  SeparableConvolution2D: "SeparableConv2D",
  SyncBatchNormalization: "BatchNormalization",
  BatchNormalizationV1: "BatchNormalization",
  BatchNormalizationV2: "BatchNormalization",
};

const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^(tensorflow\.(compat\.v[12]\.)?(python\.|contrib\.)?(_api\.v[12]\.)?)keras(?=\.|$)/, "keras"],
  // Keras 2 beside Keras 3, and what Keras 3 was called before it was one.
  [/^(tf_keras|keras_core)(?=\.|$)/, "keras"],
  // A package of its own beside Keras 2.2.
  [/^keras_applications(?=\.|$)/, "keras.applications"],
  [/^keras\.(src|api|_tf_keras\.keras)(?=\.|$)/, "keras"],
  [/^tensorflow\.compat\.v[12]\./, "tensorflow."],
  [/^keras\.backend\.tf\./, "tensorflow."],
  [/^keras\.engine\.(topology|base_layer|network|training|input_layer|sequential|functional)\./, "keras.engine."],
  [/^keras\.engine\.(Layer|InputSpec|InputLayer|Input)$/, "keras.layers.$1"],
  [/^keras\.engine\.(Model|Network|Container|Functional)$/, "keras.Model"],
  [/^keras\.engine\.Sequential$/, "keras.Sequential"],
  [/^keras\.models\.(\w+\.)?(Model|Functional|Sequential)$/, "keras.$2"],
  [/^keras\.(training|Functional)$/, "keras.Model"],
  [/^keras\.layers\.(?:[a-z_]+\.)+(?=\w+$)/, "keras.layers."],
  [/^keras\.Functional$/, "keras.Model"],
  // Keras 2's `models.py` has it too, since it uses it.
  [/^keras\.(layers|models)\.(\w+\.)?Input$/, "keras.Input"],
  [/^keras\.(Layer)$/, "keras.layers.$1"],
  [/^keras\.(legacy|backend\.tensorflow_backend|backend\.common)\./, "keras.backend."],
];

/** The path under which the tables here know a name of Keras. */
export function kerasPath(path: string): string {
  if (path.startsWith("tfjs.")) return kerasPathOfTfjs(path);
  if (!/^(keras|tensorflow|tf_keras|keras_core|keras_applications)\b/.test(path)) return path;
  let result = path;
  for (const [pattern, replacement] of PREFIXES) result = result.replace(pattern, replacement);
  const [, name] = /^keras\.layers\.(\w+)$/.exec(result) ?? [];
  const alias = name === undefined ? undefined : CLASS_ALIASES[name];
  return alias === undefined ? result : `keras.layers.${alias}`;
}

/** `MaxPooling2D` is `max_pooling2d` (keras/src/utils/naming.py, to_snake_case). */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}
