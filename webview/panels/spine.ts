/**
 * The spine: BN layers as rows from input to output, the same places in every view; only the columns differ. One tab
 * stop: arrows move between rows, Enter selects, Enter again (or a double click) shows the source line.
 */
import type { LayerReading } from "../state/layerReadings";
import type { RunModel } from "../state/runModel";
import { div, element, replaceWhen, setText, span } from "../ui/dom";
import { withoutMiddle } from "../ui/format";
import type { PanelActions, PanelContext, Surroundings } from "./context";
import type { StepFollower } from "../charts/stepFocus";

export interface SpineFrame extends Surroundings {
  readonly run: RunModel;
  readonly readings: readonly LayerReading[];
  readonly range: readonly [number, number];
  /** The other run's readings by layer, when two are compared. */
  readonly others?: ReadonlyMap<string, LayerReading>;
}

export interface SpineCell {
  readonly element: Element;
  update(reading: LayerReading, frame: SpineFrame): void;
}

export interface AxisMark {
  /** Share of the column's width. */
  readonly at: number;
  readonly text: string;
}

export interface SpineColumn {
  readonly title: (frame: SpineFrame) => string;
  /** The column's width, as a grid track. */
  readonly track: string;
  /** A strip over steps: hovering it moves the step everywhere, and it shows the pin. */
  readonly overSteps?: boolean;
  readonly wideOnly?: boolean;
  readonly alignEnd?: boolean;
  readonly axis?: (frame: SpineFrame) => readonly AxisMark[];
  readonly create: () => SpineCell;
}

const LONGEST_NAME = 19;
const LONGEST_TIGHT_NAME = 12;
/** Up to so many layers, rows may grow tall. */
const FEW_LAYERS = 5;

interface Row {
  readonly element: HTMLElement;
  readonly name: HTMLElement;
  readonly cells: readonly SpineCell[];
}

export class Spine implements StepFollower {
  readonly element = div("spine");
  private readonly body = element("div", { className: "spine-body", attributes: { role: "rowgroup" } });
  private readonly headings: HTMLElement[];
  private readonly axisCells: HTMLElement[];
  private readonly header: HTMLElement;
  private readonly axis: HTMLElement;
  private rows: Row[] = [];
  private layerNames: readonly string[] = [];
  private frame: SpineFrame | null = null;
  private readonly actions: PanelActions;

  constructor(
    private readonly context: PanelContext,
    private readonly columns: readonly SpineColumn[],
    label: string,
  ) {
    this.actions = context.actions;
    const cell = (column: SpineColumn | null, className: string, role: string): HTMLElement =>
      element("div", { className: cellClass(column, className), attributes: { role } });
    this.headings = [
      cell(null, "spine-name", "columnheader"),
      ...columns.map((column) => cell(column, "spine-heading", "columnheader")),
    ];
    this.headings[0]?.append("Layer");
    this.axisCells = columns.map((column) => cell(column, "spine-axis-cell", "presentation"));
    this.header = element("div", {
      className: "spine-row spine-header",
      attributes: { role: "row" },
      children: this.headings,
    });
    this.axis = element("div", {
      className: "spine-row spine-axis",
      attributes: { "aria-hidden": "true" },
      children: [div("spine-name"), ...this.axisCells],
    });
    this.element.append(this.header, this.body, this.axis);
    this.element.setAttribute("role", "grid");
    this.element.setAttribute("aria-label", label);
    this.element.dataset["testid"] = "spine";
    this.element.style.setProperty("--tracks", ["var(--name-track)", ...columns.map(({ track }) => track)].join(" "));
    this.element.style.setProperty(
      "--narrow-tracks",
      ["var(--name-track)", ...columns.filter(({ wideOnly }) => !wideOnly).map(({ track }) => track)].join(" "),
    );
    setHiddenAxis(this.axis, columns);
    this.body.addEventListener("keydown", (event) => this.keyPressed(event));
    this.listenToSteps();
    context.focus.follow(this);
  }

  update(frame: SpineFrame, selected: string | undefined): void {
    this.frame = frame;
    const names = frame.readings.map(({ layer }) => layer.name);
    if (names.join("\n") !== this.layerNames.join("\n")) this.build(names);
    this.columns.forEach((column, index) => {
      const heading = this.headings[index + 1];
      if (heading) setText(heading, column.title(frame));
      this.updateAxis(column, index, frame);
    });
    this.rows.forEach((row, index) => {
      const reading = frame.readings[index];
      if (!reading) return;
      setText(row.name, withoutMiddle(reading.layer.name, frame.tight ? LONGEST_TIGHT_NAME : LONGEST_NAME));
      const isSelected = reading.layer.name === selected;
      row.element.classList.toggle("selected", isSelected);
      row.element.setAttribute("aria-selected", String(isSelected));
      if (!this.body.contains(document.activeElement)) row.element.tabIndex = isSelected ? 0 : -1;
      row.element.classList.toggle("edited", frame.run.view.editedLayers.includes(reading.layer.name));
      for (const cell of row.cells) cell.update(reading, frame);
    });
    this.placeLine("--pin", this.context.focus.pinned);
  }

  hovered(step: number | null): void {
    this.placeLine("--hover", step);
  }

  private updateAxis({ axis }: SpineColumn, index: number, frame: SpineFrame): void {
    const cell = this.axisCells[index];
    if (!cell || !axis) return;
    const marks = axis(frame);
    replaceWhen(cell, JSON.stringify(marks), () =>
      marks.map(({ at, text }) => {
        const label = span("axis-mark", text);
        label.style.left = `${(100 * at).toFixed(2)}%`;
        return label;
      }),
    );
  }

  private build(names: readonly string[]): void {
    this.layerNames = names;
    this.element.classList.toggle("few", names.length <= FEW_LAYERS);
    this.rows = names.map((name, index) => this.buildRow(name, stageOf(name) !== stageOf(names[index - 1] ?? "")));
    const [first] = this.rows;
    if (first) first.element.tabIndex = 0;
    this.body.replaceChildren(...this.rows.map((row) => row.element));
  }

  private buildRow(name: string, startsStage: boolean): Row {
    const cells = this.columns.map((column) => column.create());
    const title = element("div", { className: "spine-name", attributes: { title: name, role: "rowheader" } });
    const wrapped = cells.map((cell, index) => {
      const column = this.columns[index];
      const steps = column?.overSteps ? [div("strip-line hover-line"), div("strip-line pin-line")] : [];
      return element("div", {
        className: cellClass(column ?? null, "spine-cell"),
        attributes: { role: "gridcell" },
        children: [cell.element, ...steps],
      });
    });
    const row = element("div", {
      className: `spine-row${startsStage ? " stage-start" : ""}`,
      testId: `layer-row-${name}`,
      attributes: { role: "row", tabindex: "-1", "aria-selected": "false", "aria-label": name },
      children: [title, ...wrapped],
    });
    row.addEventListener("click", () => this.actions.selectLayer(name));
    row.addEventListener("dblclick", () => this.actions.revealLayer(name));
    return { element: row, name: title, cells };
  }

  private keyPressed(event: KeyboardEvent): void {
    const at = this.rows.findIndex(({ element: row }) => row === document.activeElement);
    if (at < 0) return;
    const last = this.rows.length - 1;
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, PageDown: at + 10, PageUp: at - 10 }[
      event.key
    ];
    if (target !== undefined) this.focusRow(Math.max(0, Math.min(last, target)));
    else if (event.key === "Enter" || event.key === " ") this.activate(at);
    else return;
    event.preventDefault();
  }

  private focusRow(index: number): void {
    this.rows.forEach(({ element: row }, position) => (row.tabIndex = position === index ? 0 : -1));
    this.rows[index]?.element.focus();
  }

  private activate(index: number): void {
    const name = this.layerNames[index];
    if (name === undefined) return;
    if (this.rows[index]?.element.classList.contains("selected")) this.actions.revealLayer(name);
    else this.actions.selectLayer(name);
  }

  private listenToSteps(): void {
    const stepAt = (event: PointerEvent | MouseEvent): number | null => {
      const cell = (event.target as Element).closest(".over-steps");
      if (!cell || !this.frame) return null;
      const { left, width } = cell.getBoundingClientRect();
      const [from, to] = this.frame.range;
      return Math.round(from + ((event.clientX - left) / width) * (to - from));
    };
    this.body.addEventListener("pointermove", (event) => this.context.focus.hover(stepAt(event), null));
    this.body.addEventListener("pointerleave", () => this.context.focus.hover(null, null));
  }

  private placeLine(variable: "--pin" | "--hover", step: number | null): void {
    const [from, to] = this.frame?.range ?? [0, 1];
    const share = step === null ? -1 : (step - from) / (to - from);
    const inside = share >= 0 && share <= 1;
    this.element.classList.toggle(variable === "--pin" ? "has-pin" : "has-hover", inside);
    if (inside) this.element.style.setProperty(variable, `${(100 * share).toFixed(2)}%`);
  }
}

function cellClass(column: SpineColumn | null, base: string): string {
  return [base, column?.wideOnly && "wide-only", column?.overSteps && "over-steps", column?.alignEnd && "align-end"]
    .filter(Boolean)
    .join(" ");
}

function setHiddenAxis(axis: HTMLElement, columns: readonly SpineColumn[]): void {
  axis.hidden = columns.every((column) => column.axis === undefined);
}

/** The first part of a dotted name: `layer2` of `layer2.0.bn1`. */
export const stageOf = (name: string): string => name.split(".")[0] ?? name;
