/** Under the overview's charts: what was trained on what, as far as anybody knows. */
import { html } from "lit-html";
import { modelFacts } from "../../state/runWords";
import type { ExtraPart } from "../viewSpec";

export const modelFactsPart: ExtraPart = {
  place: "charts",
  draw: ({ run }) => html`<div class="caption" data-testid="model-facts">${modelFacts(run.view).join(" · ")}</div>`,
};
