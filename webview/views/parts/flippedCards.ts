/** Samples that flip, one by one: as small pictures in a row, as cards with everything known, and as a table. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { FlippedCard, FlippedSamples } from "../../../engine/protocol/flippedSamples";
import { bitmapUri } from "../../marks/bitmap";
import { probabilityBars } from "../../marks/probabilityBars";
import { stepStrip } from "../../marks/stepStrip";
import { headingOf, labelWords, rowValues, stripWords, surenessWords } from "../../state/flippedWords";
import { thousands } from "../../ui/format";

const MOST_THUMBNAILS = 16;
/** What is no picture takes twice the room. */
const MOST_WIDE = 8;
/** Values of a row that have room in a small picture's place and in a card. */
const FEW_VALUES = 2;
const MORE_VALUES = 4;

export const flippedThumbnails = (flipped: FlippedSamples, noun: string): TemplateResult =>
  html`<ul class=${`flipped-thumbnails ${widthOf(flipped)}`}>
    ${flipped.cards.slice(0, flipped.image === null ? MOST_WIDE : MOST_THUMBNAILS).map(
      (card) =>
        html`<li>
          ${pictureOf(card, flipped, noun, FEW_VALUES)}
          <span class="flipped-answers">${answersOf(card)}</span>
          <span class="secondary flipped-sureness">${surenessWords(card)}</span>
        </li>`,
    )}
  </ul>`;

export const flippedCards = (flipped: FlippedSamples, noun: string): TemplateResult =>
  html`<ul class=${`flipped-cards ${widthOf(flipped)}`} tabindex="0" aria-label=${headingOf(noun)}>
    ${flipped.cards.map((card) => cardOf(card, flipped, noun))}
  </ul>`;

const widthOf = ({ image }: FlippedSamples): string => (image === null ? "wide" : "");

function cardOf(card: FlippedCard, flipped: FlippedSamples, noun: string): TemplateResult {
  const { probabilities, train, eval: evaluated, becomes, like, flipsAt } = card;
  return html`<li class="flipped-card">
    <div class="flipped-sample">
      ${pictureOf(card, flipped, noun, MORE_VALUES)}
      <span class="flipped-answers">${answersOf(card)}</span>
      <span class="flipped-label">
        <span
          class=${becomes === "right" ? "becomes-right" : "secondary"}
          title=${titleOf(card)}
        >${labelWords(card)}</span>
        ${like > 1 ? html`<span title=${`${like} flip this way`}>×${thousands(like)}</span>` : nothing}
      </span>
    </div>
    <div class="flipped-course">
      ${probabilityBars({ classes: probabilities, train, eval: evaluated })}
      ${stepStrip({ steps: flipped.steps, holds: flipsAt, title: stripWords(card) })}
    </div>
  </li>`;
}

const titleOf = ({ becomes }: FlippedCard): string => (becomes === "stays wrong" ? becomes : `becomes ${becomes}`);

const answersOf = ({ train, eval: evaluated }: FlippedCard): TemplateResult =>
  html`${train} → <span class="in-eval">${evaluated}</span>`;

/** Encoded once for each card that the host sends. */
const known = new WeakMap<FlippedCard, string>();

function pictureOf(card: FlippedCard, flipped: FlippedSamples, noun: string, values: number): TemplateResult {
  const source = sourceOf(card, flipped);
  const name = `${noun} ${thousands(card.index + 1)} of the probe batch`;
  if (source !== null) return html`<img class="flipped-image" src=${source} alt=${name} />`;
  if (card.row === null) return html`<span class="flipped-row secondary">${name}</span>`;
  const shown = rowValues(card, flipped, values);
  return html`<dl class="flipped-row" aria-label=${name}>
    ${shown.map(({ name: column, value }) => html`<div><dt title=${column}>${column}</dt><dd>${value}</dd></div>`)}
    ${(card.row.length > shown.length && html`<div class="secondary">…</div>`) || nothing}
  </dl>`;
}

function sourceOf(card: FlippedCard, { image }: FlippedSamples): string | null {
  if (card.image === null || image === null) return null;
  const before = known.get(card);
  if (before !== undefined) return before;
  const source = bitmapUri(card.image, image);
  if (source !== null) known.set(card, source);
  return source;
}

const columns = ["Sample", "Label", "Train mode", "Eval mode", "Probability", "Outcome", "Flips at"];

export const flippedTable = (flipped: FlippedSamples, noun: string): TemplateResult =>
  html`<div class="matrix-place" tabindex="0" role="region" aria-label=${`${headingOf(noun)}, as a table`}>
    <table class="chart-table">
      <caption>
        ${headingOf(noun)} at step ${thousands(flipped.step)}
      </caption>
      <thead>
        <tr>
          ${columns.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${flipped.cards.map(
          (card) =>
            html`<tr>
              <th scope="row">${thousands(card.index + 1)}</th>
              <td>${card.label}</td>
              <td>${card.train}</td>
              <td>${card.eval}</td>
              <td>${surenessWords(card)}</td>
              <td>${titleOf(card)}</td>
              <td>${stripWords(card).replace("Flips at ", "")}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
