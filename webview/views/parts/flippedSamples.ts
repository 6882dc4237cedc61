/** In Train vs eval: samples of the probe batch that flip, a few in a row, or all that is known of them. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { FlippedSamples } from "../../../engine/protocol/flippedSamples";
import { isRecording } from "../../../engine/protocol/producers";
import type { PanelActions } from "../../panels/context";
import { legend } from "../../panels/legend";
import { becomeWords, headingOf, nounOf, noneWords } from "../../state/flippedWords";
import { counted, thousands } from "../../ui/format";
import { link } from "../../ui/links";
import type { ExtraPart, ViewFrame } from "../viewSpec";
import { flippedCards, flippedTable, flippedThumbnails } from "./flippedCards";
import { flippedMatrix } from "./flippedMatrix";

export const flippedSamplesPart: ExtraPart = {
  place: "charts",
  showsSamples: true,
  draw: (frame, actions) => {
    const { flipped, run } = frame.run.view;
    // Which of several runs it would be about is not what they are compared for.
    if (frame.model.runs.length > 1) return null;
    if (isRecording(run)) return hasFlips(frame) ? keepsNoData() : null;
    return flipped && drawFlipped(flipped, frame, actions);
  },
};

const hasFlips = ({ run }: ViewFrame): boolean => run.valueAt(null, "outputGap", "flipShare") > 0;

const keepsNoData = (): TemplateResult => html`<section class="flipped alone" aria-label="Samples that flip">
  <div class="flipped-list">
    <div class="heading"><h2>Samples that flip</h2></div>
    <p class="secondary" data-testid="flipped-none">
      A recording keeps no data: how many flip is known, not which.
    </p>
  </div>
</section>`;

function drawFlipped(flipped: FlippedSamples, frame: ViewFrame, actions: PanelActions): TemplateResult {
  const { allFlipped, showTables } = frame.model.selection;
  const noun = nounOf(frame.run.view);
  const isOpen = allFlipped && flipped.flips > 0;
  const extent = isOpen ? "all" : flipped.flips > 0 ? "few" : "alone";
  return html`<section class=${`flipped ${extent}`} data-testid="flipped" aria-label=${headingOf(noun)}>
    ${isOpen ? flippedMatrix(flipped, noun, frame.theme) : nothing}
    <div class="flipped-list">
      <div class="heading">
        <h2>${headingOf(noun)}</h2>
        <span class="remark">${remark(flipped, isOpen, showTables)}</span>
        <div class="heading-right legend">
          ${isOpen && !showTables ? legend(bars) : nothing} ${toggle(flipped, isOpen, actions)}
        </div>
      </div>
      ${listOf(flipped, { noun, isOpen, showTables })}
    </div>
  </section>`;
}

const bars = [
  { swatch: "trainBar", text: "train mode" },
  { swatch: "evalBar", text: "eval mode" },
] as const;

function remark(flipped: FlippedSamples, isOpen: boolean, showTables: boolean): string {
  const { flips, cards, step } = flipped;
  if (flips === 0) return "";
  if (!isOpen) return `train → eval at step ${thousands(step)}. ${becomeWords(flipped)}`;
  const some = cards.length < flips ? `${cards.length} of ${counted(flips, "flip")}, ` : "";
  const strip = showTables ? "" : "; strip: steps at which it flips";
  return `${some}one of each kind first, surest first${strip}`;
}

function toggle({ flips }: FlippedSamples, isOpen: boolean, actions: PanelActions): TemplateResult | typeof nothing {
  if (flips === 0) return nothing;
  return link({
    text: isOpen ? "Show layers" : `Show all ${thousands(flips)}`,
    label: isOpen ? "Show layers again" : `Show all ${thousands(flips)} that flip, and which way`,
    testId: "all-flipped",
    activate: () => actions.toggleAllFlipped(),
  });
}

function listOf(
  flipped: FlippedSamples,
  { noun, isOpen, showTables }: { readonly noun: string; readonly isOpen: boolean; readonly showTables: boolean },
): TemplateResult {
  if (flipped.flips === 0) return html`<p class="secondary">${noneWords(flipped, noun)}</p>`;
  if (showTables) return flippedTable(flipped, noun);
  return isOpen ? flippedCards(flipped, noun) : flippedThumbnails(flipped, noun);
}
