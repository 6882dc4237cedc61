/** What a layer view shows for a run without BN: why it is empty, what works, and a way on. */
import { div, element } from "../ui/dom";

export function needsBatchNorm(title: string): HTMLElement {
  return div(
    "empty",
    element("h2", { text: `${title} needs batch normalization` }),
    element("p", {
      text: "This run has no BN layer, so there is nothing to show here. Overview works: accuracy and loss are complete.",
    }),
    element("p", {
      className: "secondary",
      text: "Compare with BN trains the same model with BN beside it, with the same seed and the same order of the data.",
    }),
  );
}
