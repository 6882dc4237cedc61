/** Activations (torch.nn, "Non-linear Activations") and dropout, which keep the shape. */
import {
  type ActivationOp,
  type DropoutOp,
  type PReluOp,
  type SoftmaxOp,
  spatialDimsOf,
} from "../../protocol/layerOps";
import type { Shape } from "../../protocol/shape";
import { NO_IMAGE, NO_SEQUENCE, type OpEntry, unchangedShape } from "./opEntry";

export const activation: OpEntry<ActivationOp> = { ...unchangedShape, role: () => "activation" };

export const prelu: OpEntry<PReluOp> = {
  ...unchangedShape,
  parameters: ({ slopes }) => slopes,
  misfit: ({ slopes }, _input, output) =>
    slopes === 1 || slopes === output[0] ? null : `it has ${slopes} slopes for ${output[0] ?? 0} channels`,
  role: () => "activation",
};

/** No activation in the sense of `OpRole`: BN is not looked for around it. */
export const softmax: OpEntry<SoftmaxOp> = {
  ...unchangedShape,
  misfit: (op, _input, output) => (isOverChannels(op, output) ? null : "it does not run over the channels"),
};

export const dropout: OpEntry<DropoutOp> = {
  ...unchangedShape,
  untrainable: ({ rate, followsMode }) => {
    if (rate === null) return "its rate is unknown";
    return followsMode || rate === 0 ? null : "it drops values in eval mode too (pass training=self.training)";
  },
  misfit: (op, _input, output) => {
    if (!op.isPerChannel || output.length === spatialDimsOf(op) + 1) return null;
    return spatialDimsOf(op) === 2 ? NO_IMAGE : NO_SEQUENCE;
  },
};

/** Without `dim` PyTorch takes axis 0 for three axes with the batch's, and the channels for two and four. */
function isOverChannels({ axis }: SoftmaxOp, shape: Shape): boolean {
  return axis === null ? shape.length !== 2 : axis === 1 || axis === -shape.length;
}
