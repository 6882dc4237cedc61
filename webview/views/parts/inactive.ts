/** Layers whose channels or values are mostly inactive: a list under the charts, and lines in the overview. */
import { type TemplateResult, html } from "lit-html";
import { MOSTLY_INACTIVE } from "../../../engine/protocol/judgement";
import type { SeriesNeed } from "../../../engine/protocol/series";
import { percent } from "../../ui/format";
import type { ExtraPart, ViewFrame } from "../viewSpec";

/** Only their last values are shown, of every layer. */
export const inactiveNeeds: readonly SeriesNeed[] = [
  { kind: "activity", columns: ["dead_share", "saturated_share"], edges: ["last"], layers: "all", points: 60 },
];

const words = {
  dead_share: "of channels are zero for the whole batch",
  saturated_share: "of values are saturated",
} as const;

export interface ActiveShare {
  readonly name: string;
  readonly share: number;
  readonly words: string;
}

/** What is known of each layer, the least active first. */
function sharesOf({ run, model }: ViewFrame): ActiveShare[] {
  const at = model.selection.pinnedStep;
  const names = new Map(run.view.run?.layers.map(({ id, name }) => [id, name]));
  return (["dead_share", "saturated_share"] as const)
    .flatMap((column) =>
      run.layersWith("activity", column).map((id) => ({
        name: names.get(id) ?? id,
        share: run.valueAt(at, "activity", column, id),
        words: words[column],
      })),
    )
    .filter(({ share }) => Number.isFinite(share))
    .sort((a, b) => b.share - a.share);
}

export const mostlyInactive = (frame: ViewFrame): ActiveShare[] =>
  sharesOf(frame).filter(({ share }) => share > MOSTLY_INACTIVE);

/** Rows that are shown, and how many where no layer is mostly inactive: what is active is only counted. */
const MOST_ROWS = 8;
const ROWS_IF_ACTIVE = 3;

export const inactivePart: ExtraPart = {
  place: "spine",
  needs: inactiveNeeds,
  draw: (frame): TemplateResult | null => {
    const all = sharesOf(frame);
    if (all.length === 0) return null;
    const rows = all.some(({ share }) => share > MOSTLY_INACTIVE) ? MOST_ROWS : ROWS_IF_ACTIVE;
    const shown = all.filter(({ share }) => share > 0).slice(0, rows);
    const rest = all.length - shown.length;
    return html`<section class="inactive" aria-label="Inactive channels and values">
      <div class="heading"><h2>Inactive channels and values</h2></div>
      <ul>${shown.map(row)}</ul>
      ${rest > 0 ? html`<p class="secondary">${restWords(rest, shown.length)}</p>` : ""}
    </section>`;
  },
};

const restWords = (rest: number, shown: number): string =>
  shown === 0
    ? "No channel is zero for the whole batch, and no value is saturated."
    : `${rest} more ${rest === 1 ? "layer has" : "layers have"} less or none.`;

const row = ({ name, share, words: text }: ActiveShare): TemplateResult =>
  html`<li class=${share > MOSTLY_INACTIVE ? "loud" : ""}>
    <span class="code">${name}</span>
    <span class="share-bar"><span .style=${`width: ${(100 * share).toFixed(1)}%`}></span></span>
    <span>${percent(share)} ${text}</span>
  </li>`;
