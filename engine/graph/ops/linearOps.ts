/** The Linear layer: y = x·Wᵀ + b over the last axis (torch.nn.Linear). */
import type { LinearOp } from "../../protocol/layerOps";
import { elementCount } from "../../protocol/shape";
import { fits, known, misfit } from "../shapeRules";
import { ofOneInput, type OpEntry } from "./opEntry";

export const linear: OpEntry<LinearOp> = {
  outputShape: ofOneInput(({ inFeatures, outFeatures }, input) =>
    fits(input.at(-1), inFeatures)
      ? known([...input.slice(0, -1), outFeatures])
      : misfit(`${inFeatures} features`, input),
  ),
  parameters: ({ inFeatures, outFeatures, bias }) => outFeatures * (inFeatures + Number(bias)),
  multiplyAdds: ({ inFeatures }, _input, output) => inFeatures * elementCount(output),
  role: () => "linear",
};
