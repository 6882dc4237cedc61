/**
 * What the rows of a deep network share: one canvas of heat strips per column, and the lines at the pinned and the
 * hovered step. It lies over the rows and scrolls with them.
 */
import type { LayerReading } from "../../engine/protocol/judgement";
import { HeatSheet } from "../marks/heatSheet";
import { div } from "../ui/dom";
import type { HeatColumn, SpineColumn, ViewFrame } from "../views/viewSpec";
import { type RowPlace, type SpineEntry, rowPlaces } from "./spineEntries";
import { cellClass, stepLines } from "./spineRow";

type Range = readonly [number, number];
const sameRange = (a: Range, b: Range | null): boolean => a[0] === b?.[0] && a[1] === b[1];

/** A zoom that has not moved for this long has ended. */
const SETTLED_MS = 120;

export class SpineSheet {
  private readonly sheets: readonly { readonly heat: HeatColumn; readonly sheet: HeatSheet }[];
  private readonly marks: readonly HTMLElement[];
  readonly element: HTMLElement;
  private entries: readonly SpineEntry[] = [];
  private places: readonly RowPlace[] = [];
  private shownKey = "";
  /** The steps that are drawn, and those that are shown; during a zoom they differ. */
  private drawnRange: Range | null = null;
  private shownRange: Range | null = null;
  private settling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    columns: readonly SpineColumn[],
    private readonly drawAgain: () => void,
  ) {
    const cells = columns.map((column) => {
      const lines = column.overSteps ? stepLines() : [];
      const cell = div(cellClass(column, "spine-sheet-cell"), ...lines);
      if (!column.heat) return { cell };
      const sheet = new HeatSheet(column.heat.colors);
      const mark = div("sheet-selected");
      cell.prepend(sheet.element);
      cell.append(mark);
      return { cell, mark, heat: column.heat, sheet };
    });
    this.sheets = cells.flatMap(({ heat, sheet }) => (heat && sheet ? { heat, sheet } : []));
    this.marks = cells.flatMap(({ mark }) => mark ?? []);
    this.element = div("spine-row spine-sheet", div(""), ...cells.map(({ cell }) => cell));
    this.element.setAttribute("aria-hidden", "true");
  }

  /** Call it when rows were added or removed or have other heights. */
  arrange(entries: readonly SpineEntry[], { narrow, layer }: ViewFrame): void {
    this.entries = entries;
    const places = rowPlaces(entries, narrow, this.sheets.length > 0);
    const height = places.reduce((sum, place) => sum + place.height, 0);
    const key = places.map((place, index) => `${entries[index]?.key ?? ""} ${place.height}`).join("\n");
    if (key !== this.shownKey) {
      this.shownKey = key;
      this.places = places;
      this.element.style.height = `${height}px`;
      for (const { sheet } of this.sheets) sheet.reset(height);
    }
    const selected = entries.findIndex((entry) => entry.kind === "layer" && entry.reading.id === layer?.id);
    const place = this.places[selected];
    for (const mark of this.marks) {
      mark.hidden = !place;
      mark.style.top = `${(place?.top ?? 0) + 1}px`;
      mark.style.height = `${(place?.height ?? 2) - 2}px`;
    }
  }

  /**
   * Shows other steps. Drawing hundreds of strips takes longer than a frame, so during a zoom they are stretched, and
   * they are drawn when it has ended.
   */
  follow({ range, model }: ViewFrame): void {
    const isZooming = model.selection.zoom !== null && this.shownRange !== null;
    if (isZooming && !sameRange(range, this.shownRange)) {
      clearTimeout(this.settling);
      this.settling = setTimeout(() => {
        this.settling = undefined;
        this.drawAgain();
      }, SETTLED_MS);
    }
    this.shownRange = range;
    if (!isZooming) {
      clearTimeout(this.settling);
      this.settling = undefined;
    }
    if (this.settling === undefined) this.drawnRange = range;
    this.stretch();
  }

  get isStretched(): boolean {
    return this.settling !== undefined;
  }

  private stretch(): void {
    const [drawnFrom, drawnTo] = this.drawnRange ?? [0, 1];
    const [from, to] = this.shownRange ?? [0, 1];
    const left = (drawnFrom - from) / (to - from);
    const width = (drawnTo - drawnFrom) / (to - from);
    for (const { sheet } of this.sheets) {
      sheet.element.style.left = `${100 * left}%`;
      sheet.element.style.width = `${100 * width}%`;
    }
  }

  draw(index: number, frame: ViewFrame): void {
    const entry = this.entries[index];
    const place = this.places[index];
    if (!entry || !place) return;
    const layers = layersOf(entry);
    if (layers.length === 0) return;
    for (const { heat, sheet } of this.sheets) {
      const rows = layers.map((reading) => heat.row(reading, frame));
      sheet.draw(index, { top: place.top + 1, height: place.height - 2 }, rows, frame);
    }
  }
}

/**
 * The layers of a folded stage, by their name in its blocks: all bn1, then all bn2. In network order they would
 * alternate.
 */
function layersOf(entry: SpineEntry): readonly LayerReading[] {
  if (entry.kind === "layer") return [entry.reading];
  if (!entry.folded) return [];
  const byPlace = new Map<string, LayerReading[]>();
  for (const reading of entry.members) {
    const place = reading.name.slice(reading.name.lastIndexOf(".") + 1);
    byPlace.set(place, [...(byPlace.get(place) ?? []), reading]);
  }
  return [...byPlace.values()].flat();
}
