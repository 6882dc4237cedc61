/**
 * Models of torchvision.models that people build on, described in the language that the reader reads: the same modules
 * under the same names in the same order as torchvision 0.14 makes them. Weights are not part of a description, so
 * `weights`, `pretrained` and `progress` say nothing here. Checked against torchvision by test/golden/models.
 */
import { DENSENET } from "./torchvisionDensenet";
import { MOBILENET } from "./torchvisionMobilenet";
import { RESNET } from "./torchvisionResnet";
import { PLAIN_NETS } from "./torchvisionVgg";

export const TORCHVISION_MODELS: readonly string[] = [RESNET, PLAIN_NETS, MOBILENET, DENSENET];
