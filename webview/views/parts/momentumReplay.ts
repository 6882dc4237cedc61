/** In Convergence: a slider over momenta, and what each would have made of the same batches. */
import { type TemplateResult, html, nothing } from "lit-html";
import { USUAL_UPDATE_WEIGHT } from "../../../engine/protocol/noiseFloors";
import { asPercent } from "../../marks/scales";
import type { PanelActions } from "../../panels/context";
import { ShownReplay } from "../../state/shownReplay";
import { UNKNOWN, percent, sigma, thousands, twoDigits } from "../../ui/format";
import { link } from "../../ui/links";
import type { ExtraPart } from "../viewSpec";
import { replayCharts } from "./replayCharts";

export const momentumReplayPart: ExtraPart = {
  place: "charts",
  draw: ({ run: { view }, model: { selection } }, actions) =>
    view.replay === null
      ? null
      : drawReplay(new ShownReplay(view.replay, view, selection.replayedWeight), selection.showTables, actions),
};

function drawReplay(shown: ShownReplay, asTable: boolean, actions: PanelActions): TemplateResult {
  const { chosen, sentence } = shown;
  return html`<section
    class=${`replay ${chosen === null ? "" : "chosen"}`}
    data-testid="replay"
    aria-label="Another momentum"
  >
    <div class="heading">
      <h2>Another momentum?</h2>
      <span class="remark">drag, or use the arrow keys; exact, from every batch of this run</span>
    </div>
    <div class="replay-words">
      <span data-testid="replay-words" role="status">${sentence}</span>
      ${useLink(shown, actions)}
    </div>
    ${slider(shown, actions)} ${chosen === null ? nothing : asTable ? table(shown) : replayCharts(shown)}
  </section>`;
}

const useLink = (
  { chosen, momentumNow }: ShownReplay,
  { setMomentum }: PanelActions,
): TemplateResult | string | typeof nothing =>
  chosen === null || setMomentum === null
    ? nothing
    : link({
        text: `Use ${momentumNow}`,
        label: `Use ${momentumNow}: write momentum=${momentumNow} into the model’s BN layers`,
        testId: "use-momentum",
        activate: () => setMomentum(chosen),
      });

function slider(shown: ShownReplay, actions: PanelActions): TemplateResult {
  const { replay, index, chosen, momentumNow } = shown;
  const last = replay.weights.length - 1;
  const choose = ({ target }: Event): void => {
    actions.replayWith(replay.weights[Number((target as HTMLInputElement).value)] ?? null);
  };
  return html`<div class="replay-slider">
    <input
      type="range"
      min="0"
      max=${last}
      step="1"
      .value=${String(index)}
      data-testid="replay-slider"
      aria-label="Momentum"
      aria-valuetext=${`${momentumNow}: median layer ${sigma(shown.median)} from population statistics`}
      @input=${choose}
    />
    <output class="replay-value" .style=${`left: ${asPercent(index / last)}`}>${momentumNow}</output>
    ${marksOf(shown).map(
      ({ weight, text }) =>
        html`<span class="replay-mark" .style=${`left: ${asPercent(shown.place(weight))}`}>${text}</span>`,
    )}
    <button class="link replay-reset" ?hidden=${chosen === null} @click=${() => actions.replayWith(null)}>
      This run’s own
    </button>
  </div>`;
}

function marksOf({ replay: { own } }: ShownReplay): { readonly weight: number; readonly text: string }[] {
  const usual = { weight: USUAL_UPDATE_WEIGHT, text: "PyTorch’s default" };
  if (own === null) return [usual];
  const ownMark = { weight: own, text: "this run" };
  return own === USUAL_UPDATE_WEIGHT ? [{ ...ownMark, text: "this run, PyTorch’s default" }] : [ownMark, usual];
}

const columns = ["Momentum", "Median layer, σ", "Furthest layer, σ", "Accuracy"];

function table(shown: ShownReplay): TemplateResult {
  const { weights, layers, medians, step } = shown.replay;
  const furthest = (at: number): number =>
    Math.max(...layers.map(({ distances }) => distances[at] ?? Number.NaN).filter(Number.isFinite));
  const row = (weight: number, at: number): TemplateResult => {
    const accuracy = shown.accuracy(at);
    return html`<tr>
      <th scope="row">${shown.momentum(weight)}</th>
      <td>${twoDigits(medians[at] ?? Number.NaN)}</td>
      <td>${twoDigits(furthest(at))}</td>
      <td>${accuracy === null ? UNKNOWN : percent(accuracy)}</td>
    </tr>`;
  };
  return html`<table class="chart-table">
    <caption>
      Distance of running from population means at step ${thousands(step)}, by momentum
    </caption>
    <thead>
      <tr>
        ${columns.map((title) => html`<th scope="col">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${weights.map(row)}
    </tbody>
  </table>`;
}
