/** Under the overview's charts: the size of the model and its data. What is unknown is left out. */
import { html } from "lit-html";
import { isRecording } from "../../../engine/protocol/producers";
import { modelFacts } from "../../state/runWords";
import type { ExtraPart } from "../viewSpec";

export const modelFactsPart: ExtraPart = {
  place: "charts",
  // Of a recording, the part above says it.
  draw: ({ run }) =>
    isRecording(run.view.run)
      ? null
      : html`<div class="caption" data-testid="model-facts">${modelFacts(run.view).join(" · ")}</div>`,
};
