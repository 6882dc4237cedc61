/** Compare: words against the first variant, what was set differently, and how the charts are aligned. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { Comparison, VariantWords } from "../../../engine/protocol/comparison";
import type { PanelActions } from "../../panels/context";
import type { Alignment } from "../../protocol";
import { type ShownVariant, alignmentsOf, measureOf, shownVariants } from "../../state/comparedCurves";
import { counted } from "../../ui/format";
import { toneIcon } from "../../ui/icons";
import type { ExtraPart, ViewFrame } from "../viewSpec";
import { comparisonCharts } from "./comparisonCharts";

export const comparisonPart: ExtraPart = {
  place: "spine",
  needs: [
    { kind: "eval", columns: ["runningAccuracy"], edges: ["last"], layers: "run" },
    // The clock of a run that goes on.
    { kind: "loss", columns: ["seconds"], edges: ["last"], layers: "run" },
  ],
  draw: comparisonView,
};

function comparisonView({ model, range }: ViewFrame, actions: PanelActions): TemplateResult | null {
  const { variants: comparison, runs, selection } = model;
  if (!comparison) return null;
  const offered = alignmentsOf(comparison, runs);
  const alignment = offered.includes(selection.alignBy) ? selection.alignBy : "step";
  const options = { alignment, measure: measureOf(runs), range };
  const shown = shownVariants(comparison, runs, options);
  const charts = comparisonCharts({ comparison, runs, shown, options, selection });
  return html`<div class="comparison" data-testid="comparison">
    <div class="compared-top">${words(comparison, shown)}${settings(comparison, shown)}</div>
    ${alignButtons(offered, alignment, actions)} ${charts}
  </div>`;
}

function words({ words: said, unsaid }: Comparison, shown: readonly ShownVariant[]): TemplateResult {
  const more = unsaid === 0 ? nothing : html`<li class="secondary">and ${counted(unsaid, "more variant")}</li>`;
  return html`<section class="compared-words" aria-label="In words">
    <div class="heading">
      <h2>In words</h2>
      <span class="remark">by seed where both have it; in brackets the 95&nbsp;% interval</span>
    </div>
    <ul>${said.map((one, index) => wordsRow(one, shown[index]))}${more}</ul>
  </section>`;
}

function wordsRow({ letter, tone, sentence, more }: VariantWords, shown: ShownVariant | undefined): TemplateResult {
  const begins = sentence.startsWith(`${letter} `);
  return html`<li>
    ${toneIcon(tone)}
    <p>
      ${begins ? letterOf(letter, shown) : nothing}${begins ? sentence.slice(letter.length) : sentence}
      ${more.map((text) => html`<span class="secondary">${text} </span>`)}
    </p>
  </li>`;
}

const letterOf = (letter: string, shown: ShownVariant | undefined): TemplateResult =>
  html`<span class=${`variant-letter own-${shown?.color ?? "runOther"}`}>${letter}</span>`;

function settings({ differences, variants }: Comparison, shown: readonly ShownVariant[]): TemplateResult {
  const table =
    differences.length === 0
      ? html`<p class="secondary">${
          variants.length > 1 ? "Nothing that was recorded of the settings differs." : "Only the seed differs."
        }</p>`
      : html`<div class="compared-table" tabindex="0" role="region" aria-label="What differs, as a table">
          <table class="chart-table">
            ${differences.length > shown.length ? rowPerSetting(differences, shown) : rowPerVariant(differences, shown)}
          </table>
        </div>`;
  return html`<section class="compared-settings" aria-label="What differs">
    <div class="heading"><h2>What differs</h2><span class="remark">equal settings are left out</span></div>
    ${table}
  </section>`;
}

type Differences = Comparison["differences"];

const rowPerVariant = (differences: Differences, shown: readonly ShownVariant[]): TemplateResult => html`<thead>
    <tr>
      <th scope="col">Variant</th>
      ${differences.map(({ name }) => html`<th scope="col">${name}</th>`)}
    </tr>
  </thead>
  <tbody>
    ${shown.map(
      (variant, index) => html`<tr>
        <th scope="row">${letterOf(variant.letter, variant)} ${variant.name}</th>
        ${differences.map((difference) => settingCell(difference, index))}
      </tr>`,
    )}
  </tbody>`;

/** Few variants that differ in much: a page is longer than it is wide. */
const rowPerSetting = (differences: Differences, shown: readonly ShownVariant[]): TemplateResult => html`<thead>
    <tr>
      <th scope="col">Setting</th>
      ${shown.map((variant) => html`<th scope="col">${letterOf(variant.letter, variant)}</th>`)}
    </tr>
  </thead>
  <tbody>
    ${differences.map(
      (difference) => html`<tr>
        <th scope="row">${difference.name}</th>
        ${shown.map((_, index) => settingCell(difference, index))}
      </tr>`,
    )}
  </tbody>`;

/** What is not as in the first variant stands out. */
const settingCell = ({ values }: Differences[number], index: number): TemplateResult =>
  html`<td class=${values[index] === values[0] ? "" : "strong"}>${values[index] ?? ""}</td>`;

function alignButtons(
  offered: readonly Alignment[],
  chosen: Alignment,
  actions: PanelActions,
): TemplateResult | typeof nothing {
  if (offered.length < 2) return nothing;
  return html`<div class="align-by" role="group" aria-label="Align by">
    <span class="secondary">Align by</span>
    ${offered.map(
      (alignment) =>
        html`<button
          type="button"
          data-testid=${`align-${alignment}`}
          aria-pressed=${String(alignment === chosen)}
          @click=${() => actions.alignBy(alignment)}
        >${alignment}</button>`,
    )}
  </div>`;
}
