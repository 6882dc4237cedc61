/** In Convergence: what exact statistics would give, and the lines that a script needs to have them. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { Recalibration } from "../../../engine/protocol/judgement";
import type { PanelActions } from "../../panels/context";
import { recalibrationWords } from "../../state/recalibrationWords";
import { link } from "../../ui/links";
import type { ExtraPart } from "../viewSpec";

export const recalibrationPart: ExtraPart = {
  place: "charts",
  draw: ({ run: { view }, model: { runs } }, actions) => {
    const recalibration = view.judgement?.recalibration ?? null;
    if (recalibration === null || runs.length > 1) return null;
    return drawRecalibration(recalibration, view.run?.framework ?? null, actions);
  },
};

const drawRecalibration = (
  recalibration: Recalibration,
  framework: string | null,
  { copyRecalibration }: PanelActions,
): TemplateResult => html`<section class="recalibration" data-testid="recalibration" aria-label="Recalibrated">
  <p>${recalibrationWords(recalibration)}</p>
  ${
    copyRecalibration === null || framework !== "pytorch" || !recalibration.isNeeded
      ? nothing
      : link({
          text: "Recalibrate",
          label: "Recalibrate: copy the lines for a script that measure the running statistics again",
          testId: "recalibrate",
          activate: () => copyRecalibration(),
        })
  }
</section>`;
