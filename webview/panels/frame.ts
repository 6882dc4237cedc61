/** The panel's frame: header, tabs, verdict, the one view that is shown, footer. */
import type { PanelViewName } from "../protocol";
import { type PanelModel, stepRange } from "../state/panelModel";
import { element } from "../ui/dom";
import { type PanelContext, type PanelPart, type Surroundings, viewTitles } from "./context";
import { ConvergenceContent } from "./convergence";
import { DriftContent } from "./drift";
import { Footer } from "./footer";
import { GapContent } from "./gap";
import { Header } from "./header";
import { LayerView } from "./layerView";
import { Overview } from "./overview";
import { Tabs } from "./tabs";
import { VerdictBlock } from "./verdictBlock";

export class Frame implements PanelPart {
  private readonly parts: readonly PanelPart[];
  /** Made when first opened; only the one on show is drawn. */
  private readonly views = new Map<PanelViewName, PanelPart>();
  private readonly main = element("main", {
    className: "main",
    testId: "view",
    attributes: { id: "view", role: "tabpanel" },
  });
  readonly element: HTMLElement;

  constructor(private readonly context: PanelContext) {
    const header = new Header(context);
    const tabs = new Tabs(context);
    const verdict = new VerdictBlock(context);
    const footer = new Footer(context);
    this.parts = [header, tabs, verdict, footer];
    const content = element("div", { className: "content", children: [verdict.element, this.main] });
    this.element = element("div", {
      className: "panel",
      children: [header.element, tabs.element, content, footer.element],
    });
  }

  update(model: PanelModel, surroundings: Surroundings): void {
    this.context.focus.range = stepRange(model);
    this.context.focus.pinned = model.selection.pinnedStep;
    for (const part of this.parts) part.update(model, surroundings);
    const view = this.viewOf(model.selection.view);
    if (this.main.firstChild !== view.element) this.main.replaceChildren(view.element);
    this.main.setAttribute("aria-labelledby", `tab-${model.selection.view}`);
    view.update(model, surroundings);
  }

  private viewOf(name: PanelViewName): PanelPart {
    const known = this.views.get(name);
    if (known) return known;
    const fresh = makeView(name, this.context);
    this.views.set(name, fresh);
    return fresh;
  }
}

function makeView(name: PanelViewName, context: PanelContext): PanelPart {
  switch (name) {
    case "overview":
      return new Overview(context);
    case "drift":
      return new LayerView(viewTitles.drift, new DriftContent(context));
    case "convergence":
      return new LayerView(viewTitles.convergence, new ConvergenceContent(context));
    case "gap":
      return new LayerView(viewTitles.gap, new GapContent(context));
  }
}
