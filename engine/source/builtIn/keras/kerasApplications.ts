/**
 * Models of keras.applications that people build on: the same layers under the same names in the same order as Keras 3
 * makes them. Weights are not part of a description. Checked against what executing Keras gave by test/unit/source/keras.
 */
import { KERAS_DENSENET } from "./densenet";
import { KERAS_EFFICIENTNET } from "./efficientnet";
import { KERAS_MOBILENET } from "./mobilenet";
import { KERAS_RESNET } from "./resnet";
import { KERAS_VGG } from "./vgg";

export const KERAS_APPLICATIONS: readonly string[] = [
  KERAS_RESNET,
  KERAS_VGG,
  KERAS_MOBILENET,
  KERAS_DENSENET,
  KERAS_EFFICIENTNET,
];
