/**
 * Models of keras.applications that people build on: the same layers under the same names in the same order as Keras 3
 * makes them. Weights are not part of a description. Checked against what executing Keras gave by
 * test/unit/source/keras.
 */
import { KERAS_DENSENET } from "./kerasDensenet";
import { KERAS_EFFICIENTNET } from "./kerasEfficientnet";
import { KERAS_MOBILENET } from "./kerasMobilenet";
import { KERAS_RESNET } from "./kerasResnet";
import { KERAS_VGG } from "./kerasVgg";

export const KERAS_APPLICATIONS: readonly string[] = [
  KERAS_RESNET,
  KERAS_VGG,
  KERAS_MOBILENET,
  KERAS_DENSENET,
  KERAS_EFFICIENTNET,
];
