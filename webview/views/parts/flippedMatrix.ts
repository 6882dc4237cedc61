/** Which way samples flip: answers in train mode down, in eval mode across, with sums lost and gained at the edges. */
import { type TemplateResult, html } from "lit-html";
import type { FlippedSamples } from "../../../engine/protocol/flippedSamples";
import { becomeWords, outcomeWords } from "../../state/flippedWords";
import { type Theme, rampColor } from "../../theme";
import { thousands } from "../../ui/format";

/** Up to so many have room for their names. */
const FEW_CLASSES = 5;

export function flippedMatrix(flipped: FlippedSamples, noun: string, theme: Theme): TemplateResult {
  const { classes, matrix, lost, gained } = flipped;
  const most = Math.max(1, ...matrix.flatMap((row, from) => row.filter((_, to) => to !== from)));
  const greatest = Math.max(...gained);
  return html`<div class="flipped-matrix">
    <div class="heading">
      <h2>Which way they flip</h2>
      <span class="remark">${noun}s, train mode → eval mode</span>
    </div>
    <div class="matrix-place" tabindex="0" role="region" aria-label="Which way they flip, as a table">
      <table class=${classes.length > FEW_CLASSES ? "matrix" : "matrix few"}>
        <caption class="visually-hidden">
          Answers of ${noun}s: a row for each in train mode, a column for each in eval mode
        </caption>
        <thead>
          <tr>
            <td class="matrix-corner">train \\ eval</td>
            ${classes.map((name) => html`<th scope="col" class="in-eval">${name}</th>`)}
            <th scope="col" class="matrix-sum">lost</th>
          </tr>
        </thead>
        <tbody>
          ${matrix.map(
            (row, from) =>
              html`<tr>
                <th scope="row">${classes[from]}</th>
                ${row.map((count, to) => (to === from ? stays(count) : flips(count, most, theme)))}
                <td class="matrix-sum">${thousands(lost[from] ?? 0)}</td>
              </tr>`,
          )}
          <tr>
            <th scope="row" class="matrix-sum">gained</th>
            ${gained.map((count) => gainedOf(count, greatest))}
            <td></td>
          </tr>
        </tbody>
      </table>
    </div>
    <p class="matrix-words" data-testid="flipped-words">${wordsOf(flipped, noun)}</p>
  </div>`;
}

const gainedOf = (count: number, greatest: number): TemplateResult =>
  html`<td class=${count > 0 && count === greatest ? "matrix-sum greatest" : "matrix-sum"}>${thousands(count)}</td>`;

const stays = (count: number): TemplateResult => html`<td class="matrix-stays">${count > 0 ? count : ""}</td>`;

function flips(count: number, most: number, theme: Theme): TemplateResult {
  if (count === 0) return html`<td class="matrix-blank"></td>`;
  const [red, green, blue] = rampColor(theme.offRamp, 0.25 + (0.75 * count) / most);
  // As bright as an eye sees it: dark numbers stand on what is brighter than the middle.
  const isBright = 0.3 * red + 0.59 * green + 0.11 * blue > 128;
  const style = `background: rgb(${red}, ${green}, ${blue}); color: ${isBright ? "#000000" : "#ffffff"}`;
  return html`<td class="matrix-flips" .style=${style}>${count}</td>`;
}

const wordsOf = (flipped: FlippedSamples, noun: string): string =>
  [
    becomeWords(flipped),
    `Grey: ${noun}s that stay.`,
    outcomeWords(flipped),
    flipped.classesLeftOut > 0 ? `Classes left out: ${thousands(flipped.classesLeftOut)}.` : "",
  ]
    .filter(Boolean)
    .join(" ");
