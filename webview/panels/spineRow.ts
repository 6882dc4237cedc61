/** One row of the spine: a layer, or a stage that can be folded. */
import type { LayerReading } from "../../engine/protocol/judgement";
import { div, element, setAttribute, setText, svg } from "../ui/dom";
import { counted } from "../ui/format";
import type { SpineCell, SpineColumn, ViewFrame } from "../views/viewSpec";
import type { SpineEntry, StageEntry } from "./spineEntries";
import type { RowLanes } from "./spineLanes";

export interface RowLook {
  readonly selected: boolean;
  readonly edited: boolean;
  /** The name, short enough for its column. */
  readonly shortName: string;
  readonly lanes: RowLanes;
}

export class SpineRow {
  /** Only rows in sight draw their cells over steps: of hundreds of rows, most are out of sight. */
  inSight: boolean;
  readonly element: HTMLElement;
  private readonly name = element("div", { className: "spine-name", attributes: { role: "rowheader" } });
  private readonly title = element("span", { className: "spine-name-text" });
  private readonly fold: HTMLButtonElement | null = null;
  private readonly count = element("span", { className: "secondary stage-count" });
  private readonly lines = svg("path", { class: "lane-lines" });
  private readonly dot = svg("path", { class: "lane-dot" });
  private readonly lanes = svg(
    "svg",
    { class: "lanes", "aria-hidden": "true", preserveAspectRatio: "none" },
    this.lines,
    this.dot,
  );
  private readonly cells: readonly { readonly column: SpineColumn; readonly cell: SpineCell }[];

  constructor(
    public entry: SpineEntry,
    columns: readonly SpineColumn[],
    /** Whether heat strips and the lines at steps are on one sheet for all rows. */
    onSheet: boolean,
  ) {
    this.cells = columns.map((column) => ({ column, cell: column.heat && onSheet ? emptyCell() : column.create() }));
    this.inSight = !onSheet;
    const isStage = entry.kind === "stage";
    if (isStage) this.fold = foldButton();
    this.name.append(...(this.fold ? [this.fold, this.title, this.count] : [this.title]));
    const name = isStage ? entry.stage : entry.reading.name;
    this.element = element("div", {
      className: `spine-row${isStage ? " stage-row" : ""}`,
      testId: `${isStage ? "stage" : "layer"}-row-${name}`,
      attributes: { role: "row", tabindex: "-1", "aria-label": name },
      children: [this.name, this.lanes, ...this.cells.map(({ column, cell }) => wrapped(column, cell, onSheet))],
    });
  }

  /** Draws everything except cells over steps. */
  update(frame: ViewFrame, look: RowLook): void {
    const { entry, element: row } = this;
    row.classList.toggle("selected", look.selected);
    row.classList.toggle("edited", look.edited);
    row.classList.toggle("stage-start", entry.kind === "layer" && entry.startsStage);
    setText(this.title, look.shortName);
    this.drawLanes(look.lanes);
    if (entry.kind === "stage") this.updateStage(entry);
    else setAttribute(row, "aria-selected", String(look.selected));
    this.draw(frame, false);
  }

  /** Draws cells over steps, which change with every zoom. */
  drawSteps(frame: ViewFrame): void {
    if (this.inSight) this.draw(frame, true);
  }

  private draw(frame: ViewFrame, overSteps: boolean): void {
    const reading = readingOf(this.entry);
    if (!reading) return;
    for (const { column, cell } of this.cells)
      if ((column.overSteps ?? false) === overSteps) cell.update(reading, frame);
  }

  private drawLanes({ lines, dot, words, width }: RowLanes): void {
    const { entry, element: row } = this;
    const name = entry.kind === "stage" ? entry.stage : entry.reading.name;
    setAttribute(this.lines, "d", lines);
    setAttribute(this.dot, "d", dot);
    setAttribute(this.lanes, "viewBox", `0 0 ${width} 100`);
    setAttribute(row, "aria-label", words === "" ? name : `${name}, ${words}`);
    this.name.title = words === "" ? name : `${name}: ${words}`;
  }

  private updateStage({ stage, folded, members }: StageEntry): void {
    this.element.classList.toggle("folded", folded);
    this.element.style.setProperty("--layers", String(members.length));
    setText(this.count, String(members.length));
    this.count.title = counted(members.length, "layer");
    if (!this.fold) return;
    setAttribute(this.fold, "aria-expanded", String(!folded));
    setAttribute(
      this.fold,
      "aria-label",
      `${folded ? "Unfold" : "Fold"} ${stage}, ${counted(members.length, "layer")}`,
    );
  }
}

/** An unfolded stage shows no values: its layers are below it. */
function readingOf(entry: SpineEntry): LayerReading | null {
  if (entry.kind === "layer") return entry.reading;
  return entry.folded ? entry.worst : null;
}

const emptyCell = (): SpineCell => ({ element: div(""), update: () => undefined });

/** Not focusable, because the spine is one tab stop: the row's keys fold it. */
const foldButton = (): HTMLButtonElement =>
  element("button", { className: "fold", attributes: { type: "button", tabindex: "-1" } });

/** At the hovered and at the pinned step. */
export const stepLines = (): HTMLElement[] => [div("strip-line hover-line"), div("strip-line pin-line")];

function wrapped(column: SpineColumn, cell: SpineCell, onSheet: boolean): HTMLElement {
  const steps = column.overSteps && !onSheet ? stepLines() : [];
  return element("div", {
    className: cellClass(column, "spine-cell"),
    attributes: { role: "gridcell" },
    children: [cell.element, ...steps],
  });
}

export const cellClass = ({ wideOnly, overSteps, alignEnd }: Partial<SpineColumn>, base: string): string =>
  [base, wideOnly && "wide-only", overSteps && "over-steps", alignEnd && "align-end"].filter(Boolean).join(" ");
