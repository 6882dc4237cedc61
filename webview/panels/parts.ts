/** Small pieces that several views share: headings, legends, the line that names the selected layer. */
import type { NormLayer, RunModel } from "../state/runModel";
import { div, element, linkButton, replaceWhen, span } from "../ui/dom";
import { withoutMiddle } from "../ui/format";
import type { PanelActions } from "./context";

export type Swatch =
  | "batchLine"
  | "runningLine"
  | "populationLine"
  | "populationDot"
  | "allBand"
  | "halfBand"
  | "runningBand"
  | "floor"
  | "otherLine"
  | "nowDot"
  | "firstDot"
  | "paleBar"
  | "darkBar"
  | "runA"
  | "runB";

export interface LegendItem {
  readonly swatch: Swatch;
  readonly text: string;
}

export function legend(items: readonly LegendItem[]): HTMLElement {
  const children = items.map(({ swatch, text }) => {
    const mark = span(`swatch swatch-${swatch}`, "");
    if (swatch === "floor") mark.classList.add("hatched");
    return element("span", { className: "legend-item", children: [mark, text] });
  });
  return element("div", { className: "legend", children });
}

/** A heading with its unit or remark in a quieter voice, and something at the right. */
export function heading(title: string, remark = "", right: Node | string = ""): HTMLElement {
  return div(
    "heading",
    element("h2", { text: title }),
    span("remark", remark),
    element("div", { className: "heading-right", children: [right] }),
  );
}

export function setRemark(node: HTMLElement, remark: string): void {
  const target = node.querySelector(".remark");
  if (target && target.textContent !== remark) target.textContent = remark;
}

/** A colour scale with its ends. The colours follow the theme, so they are set with each update. */
export class RampLegend {
  private readonly bar = span("ramp", "");
  readonly element: HTMLElement;

  constructor(title: string, from: string, to: string) {
    this.element = element("span", {
      className: "legend-item",
      children: [title, span("secondary", from), this.bar, span("secondary", to)],
    });
  }

  update(ramp: readonly string[]): void {
    this.bar.style.background = `linear-gradient(to right, ${ramp.join(", ")})`;
  }
}

/** `layer1.1.bn2  BatchNorm2d(16)  line 13`. */
export class LayerTitle {
  readonly element = element("div", { className: "layer-title", testId: "layer-title" });

  constructor(private readonly actions: PanelActions) {}

  update(layer: NormLayer | undefined, run: RunModel, runs: readonly RunModel[]): void {
    if (!layer) return;
    const edited = run.view.editedLayers.includes(layer.name);
    replaceWhen(this.element, `${run.id} ${layer.name} ${layer.line ?? ""} ${edited} ${runs.length}`, () => {
      const name = element("span", {
        className: "code strong",
        text: withoutMiddle(layer.name, 36),
        attributes: { title: layer.name },
      });
      const link = layer.line === null ? "" : lineLink(layer.name, layer.line, this.actions);
      const which = runs.length > 1 ? span("secondary", `run ${runs.indexOf(run) === 0 ? "A" : "B"}`) : "";
      return [
        name,
        which,
        span("secondary", `${layer.className}(${layer.norm.channels})`),
        link,
        edited ? span("secondary italic", "edited since the run") : "",
      ];
    });
  }
}

export function lineLink(layer: string, line: number, actions: PanelActions): HTMLButtonElement {
  const link = linkButton(`line ${line}`, `Show line ${line}, which defines ${layer}`, () =>
    actions.revealLayer(layer),
  );
  link.dataset["testid"] = "line-link";
  return link;
}
