/** Under the overview's spine: what is known of the selected layer, in a few lines, and of layers that have gone quiet. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { LayerReading } from "../../../engine/protocol/judgement";
import type { SeriesNeed } from "../../../engine/protocol/series";
import type { PanelActions } from "../../panels/context";
import { layerTitle } from "../../panels/layerTitle";
import { percent, sigma, times, twoDigits } from "../../ui/format";
import type { ViewFrame } from "../viewSpec";

export const activityNeeds: readonly SeriesNeed[] = [
  { kind: "norm", columns: ["gradient_norm"], edges: ["last"], layers: "selected" },
  { kind: "activity", columns: ["activation_gradient_norm", "batch_f"], edges: ["last"], layers: "selected" },
  // Only where they stand is told, of every layer.
  { kind: "activity", columns: ["dead_share", "saturated_share"], edges: ["last"], layers: "all", points: 60 },
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

function wordsOf(frame: ViewFrame, layer: string): TemplateResult[] {
  const reading = frame.run.readingOf(layer);
  const words = [...(reading ? readingWords(reading) : []), ...gradientWords(frame, layer)];
  return words.map((text) => html`<span class="sentence">${text}</span>`);
}

function readingWords({ shift, varianceRatio, distance, distanceFloor, gap, alone, gapFloor }: LayerReading): string[] {
  return [
    `Mean shift ${sigma(shift)}, variance ${times(varianceRatio)} its running value.`,
    `Running mean ${sigma(distance)} from the population mean (noise floor ${sigma(distanceFloor)}).`,
    `Gap ${sigma(gap)} in the network, ${sigma(alone)} by this layer alone (noise floor ${sigma(gapFloor)}).`,
  ];
}

/** Left out where nothing was measured: most producers record no gradients. */
function gradientWords({ run, model }: ViewFrame, layer: string): string[] {
  const at = model.selection.pinnedStep;
  const own = run.valueAt(at, "norm", "gradient_norm", layer);
  const output = run.valueAt(at, "activity", "activation_gradient_norm", layer);
  const batchF = run.valueAt(at, "activity", "batch_f", layer);
  const gradients = [
    Number.isFinite(own) ? `${twoDigits(own)} of γ and β` : "",
    Number.isFinite(output) ? `${twoDigits(output)} of the output` : "",
  ].filter((text) => text !== "");
  return [
    ...(gradients.length > 0 ? [`Gradient norm ${gradients.join(", ")}.`] : []),
    ...(Number.isFinite(batchF) ? [`Batch means vary ${times(batchF)} as much as independent samples’ would.`] : []),
  ];
}

/** Above this share of its channels or values a layer hardly takes part any more. */
const MOSTLY = 0.5;
const MOST_LINES = 4;

/** One line each, the quietest first. */
function quietLayers({ run, model }: ViewFrame): string[] {
  const at = model.selection.pinnedStep;
  const nameOf = (id: string): string => run.view.run?.layers.find((layer) => layer.id === id)?.name ?? id;
  const above = (column: "dead_share" | "saturated_share", words: string) =>
    run.layersWith("activity", column).flatMap((id) => {
      const share = run.valueAt(at, "activity", column, id);
      return share > MOSTLY ? [{ share, text: `${nameOf(id)}: ${percent(share)} ${words}` }] : [];
    });
  const all = [
    ...above("dead_share", "of channels are zero for the whole batch"),
    ...above("saturated_share", "of values are at their limit"),
  ].sort((a, b) => b.share - a.share);
  const rest = all.length > MOST_LINES ? [`and ${all.length - MOST_LINES} more layers`] : [];
  return [...all.slice(0, MOST_LINES).map(({ text }) => text), ...rest];
}
