/** Under the overview's spine: the numbers of the selected layer in words, and layers that are mostly inactive. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { SeriesNeed } from "../../../engine/protocol/series";
import type { PanelActions } from "../../panels/context";
import { layerTitle } from "../../panels/layerTitle";
import { counted, percent } from "../../ui/format";
import type { ViewFrame } from "../viewSpec";
import { inactiveNeeds, mostlyInactive } from "./inactive";
import { gradientSentences, readingSentences } from "./layerSentences";

export const activityNeeds: readonly SeriesNeed[] = [
  { kind: "norm", columns: ["gradient_norm"], edges: ["last"], layers: "selected" },
  { kind: "activity", columns: ["activation_gradient_norm", "batch_f"], edges: ["last"], layers: "selected" },
  ...inactiveNeeds,
];

export function layerSummary(frame: ViewFrame, actions: PanelActions): TemplateResult | null {
  const { run, layer, model } = frame;
  const quiet = quietLayers(frame);
  if (!layer && quiet.length === 0) return null;
  return html`<section class="layer-summary">
    ${layer ? layerTitle({ layer, run, runs: model.runs, actions }) : nothing}
    ${layer ? html`<p class="secondary layer-words">${wordsOf(frame, layer.id)}</p>` : nothing}
    ${quiet.length > 0 ? html`<h2 class="activity-heading">Activity</h2>` : nothing}
    ${quiet.map((text) => html`<p class="activity-line">${text}</p>`)}
  </section>`;
}

function wordsOf({ run, model }: ViewFrame, layer: string): TemplateResult[] {
  const at = model.selection.pinnedStep;
  const reading = run.readingOf(layer);
  const sentences = [
    ...(reading ? readingSentences(reading) : []),
    ...gradientSentences({
      parameters: run.valueAt(at, "norm", "gradient_norm", layer),
      output: run.valueAt(at, "activity", "activation_gradient_norm", layer),
      batchF: run.valueAt(at, "activity", "batch_f", layer),
    }),
  ];
  return sentences.map((text) => html`<span class="sentence">${text}</span>`);
}

const MOST_LINES = 4;

/** One line per layer, the least active first. */
function quietLayers(frame: ViewFrame): string[] {
  const all = mostlyInactive(frame);
  const more = all.length - MOST_LINES;
  const rest = more > 0 ? [`and ${counted(more, "more layer")}`] : [];
  return [...all.slice(0, MOST_LINES).map(({ name, share, words }) => `${name}: ${percent(share)} ${words}`), ...rest];
}
