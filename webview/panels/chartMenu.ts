/** What can be done with a chart besides reading it: its axes, and taking it away. */
import { type TemplateResult, html, nothing } from "lit-html";
import { csvChart } from "../charts/csvChart";
import { svgChart } from "../charts/svgChart";
import type { TimeChart } from "../charts/timeChart";
import type { SavedFile } from "../protocol";

/** The axes that a person chose for a chart: the other kind than the view's own. */
export interface ChartAxes {
  readonly otherY: boolean;
  readonly logSteps: boolean;
}

export const ownAxes: ChartAxes = { otherY: false, logSteps: false };

export interface ChartMenu {
  readonly chart: TimeChart;
  /** Of the files, without their ending. */
  readonly name: string;
  readonly title: string;
  readonly axes: ChartAxes;
  /** What the vertical axis would be; null where it has no other kind. */
  readonly otherY: "linear" | "log" | null;
  readonly choose: (axes: ChartAxes) => void;
  readonly save: (file: SavedFile) => void;
}

const PICTURE = { width: 760, height: 320 } as const;

export function chartMenu(menu: ChartMenu): TemplateResult {
  const { axes, choose, otherY } = menu;
  const items: (readonly [text: string, act: () => void] | null)[] = [
    otherY && [
      `${otherY === "log" ? "Logarithmic" : "Linear"} values`,
      () => choose({ ...axes, otherY: !axes.otherY }),
    ],
    [`${axes.logSteps ? "Linear" : "Logarithmic"} steps`, () => choose({ ...axes, logSteps: !axes.logSteps })],
    ["Copy as PNG", () => void copyPicture(menu)],
    ["Save as PNG…", () => savePicture(menu)],
    ["Save as SVG…", () => saveText(menu, "svg")],
    ["Save as CSV…", () => saveText(menu, "csv")],
  ];
  return html`<details class="chart-menu" @focusout=${closeWhenLeft} @keydown=${closeOnEscape}>
    <summary aria-label=${`More about the chart ${menu.title}`} title="Axes, copy, save">⋯</summary>
    <div class="chart-menu-items">
      ${items.map((item) =>
        item === null
          ? nothing
          : html`<button type="button" @click=${(event: Event) => chosen(event, item[1])}>${item[0]}</button>`,
      )}
    </div>
  </details>`;
}

function chosen({ currentTarget }: Event, act: () => void): void {
  const details = (currentTarget as HTMLElement).closest("details");
  if (details) details.open = false;
  details?.querySelector("summary")?.focus();
  act();
}

function closeWhenLeft({ currentTarget, relatedTarget }: FocusEvent): void {
  const details = currentTarget as HTMLDetailsElement;
  if (!(relatedTarget instanceof Node && details.contains(relatedTarget))) details.open = false;
}

function closeOnEscape(event: KeyboardEvent): void {
  const details = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !details.open) return;
  details.open = false;
  details.querySelector("summary")?.focus();
  // Else it would also show all steps again.
  event.stopPropagation();
}

function saveText({ chart, name, save }: ChartMenu, ending: "svg" | "csv"): void {
  const { drawn } = chart;
  if (!drawn) return;
  const text =
    ending === "csv" ? csvChart(drawn.config, drawn.curves) : svgChart({ ...drawn, size: sizeOf(chart.element) });
  save({ name: `${name}.${ending}`, base64: toBase64(new TextEncoder().encode(text)) });
}

/** As wide as it is on the screen, unless it is hidden or a table. */
function sizeOf({ clientWidth, clientHeight }: HTMLElement): { width: number; height: number } {
  return clientWidth > 200 && clientHeight > 100 && clientHeight < clientWidth
    ? { width: clientWidth, height: clientHeight + 26 }
    : PICTURE;
}

function savePicture({ chart, name, save }: ChartMenu): void {
  const base64 = chart.picture()?.toDataURL("image/png").split(",")[1];
  if (base64 !== undefined) save({ name: `${name}.png`, base64 });
}

/** Where the clipboard takes no pictures, the picture is saved instead. */
async function copyPicture(menu: ChartMenu): Promise<void> {
  const picture = menu.chart.picture();
  const blob = await new Promise<Blob | null>((taken) => (picture ? picture.toBlob(taken) : taken(null)));
  if (!blob) return;
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
  } catch {
    savePicture(menu);
  }
}

function toBase64(bytes: Uint8Array): string {
  const AT_ONCE = 4096;
  let text = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  return btoa(text);
}
