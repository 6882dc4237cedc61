/** The spine's column titles above its rows, and the axes below them. */
import { div, element, setText, span } from "../ui/dom";
import type { SpineColumn, ViewFrame } from "../views/viewSpec";
import { cellClass } from "./spineRow";

export class SpineHeader {
  private readonly titles: readonly HTMLElement[];
  private readonly axisCells: readonly HTMLElement[];
  private readonly shownAxes: string[] = [];
  readonly header: HTMLElement;
  readonly axis: HTMLElement;

  constructor(private readonly columns: readonly SpineColumn[]) {
    const cell = (column: SpineColumn, className: string, role: string): HTMLElement =>
      element("div", { className: cellClass(column, className), attributes: { role } });
    this.titles = columns.map((column) => cell(column, "spine-heading", "columnheader"));
    this.axisCells = columns.map((column) => cell(column, "spine-axis-cell", "presentation"));
    this.header = element("div", {
      className: "spine-row spine-header",
      attributes: { role: "row" },
      children: [
        element("div", { className: "spine-name", text: "Layer", attributes: { role: "columnheader" } }),
        ...this.titles,
      ],
    });
    this.axis = element("div", {
      className: "spine-row spine-axis",
      attributes: { "aria-hidden": "true" },
      children: [div("spine-name"), ...this.axisCells],
    });
    this.axis.hidden = columns.every(({ axis }) => axis === undefined);
  }

  update(frame: ViewFrame): void {
    this.columns.forEach((column, index) => {
      const title = this.titles[index];
      if (title) setText(title, column.title(frame));
      this.updateAxis(column, index, frame);
    });
  }

  private updateAxis({ axis }: SpineColumn, index: number, frame: ViewFrame): void {
    const marks = axis?.(frame) ?? [];
    const key = JSON.stringify(marks);
    if (this.shownAxes[index] === key) return;
    this.shownAxes[index] = key;
    const labels = marks.map(({ at, text }) => {
      const label = span("axis-mark", text);
      label.style.left = `${(100 * at).toFixed(2)}%`;
      return label;
    });
    this.axisCells[index]?.replaceChildren(...labels);
  }
}
