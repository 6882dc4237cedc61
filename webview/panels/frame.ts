/** The panel's frame: header, tabs, verdict, the open view, footer. */
import type { ViewId } from "../../engine/protocol/judgement";
import { type PanelModel, lastStep, stepRange } from "../state/panelModel";
import { element } from "../ui/dom";
import { viewOf } from "../views/allViews";
import { ViewPart } from "../views/viewPart";
import type { PanelContext, PanelPart, Surroundings } from "./context";
import { Footer } from "./footer";
import { Header } from "./header";
import { Tabs } from "./tabs";
import { VerdictBlock } from "./verdictBlock";

export class Frame implements PanelPart {
  private readonly parts: readonly PanelPart[];
  /** Each is created when it is first opened; only the open one is drawn. */
  private readonly views = new Map<ViewId, ViewPart>();
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
    new ResizeObserver(([entry]) => (this.width = entry?.contentRect.width ?? this.width)).observe(this.main);
    this.element = element("div", {
      className: "panel",
      children: [header.element, tabs.element, content, footer.element],
    });
  }

  /**
   * Width of a view in CSS pixels. Observed, because reading it from the element would force a layout in every frame.
   */
  width = window.innerWidth;

  update(model: PanelModel, surroundings: Surroundings): void {
    this.context.focus.range = stepRange(model);
    this.context.focus.last = lastStep(model);
    this.context.focus.pinned = model.selection.pinnedStep;
    for (const part of this.parts) part.update(model, surroundings);
    const { id } = viewOf(model.selection.view, model.runs);
    const view = this.viewPart(id);
    if (this.main.firstChild !== view.element) this.main.replaceChildren(view.element);
    this.main.setAttribute("aria-labelledby", `tab-${id}`);
    view.update(model, surroundings);
  }

  private viewPart(id: ViewId): ViewPart {
    const known = this.views.get(id);
    if (known) return known;
    const fresh = new ViewPart(viewOf(id), this.context);
    this.views.set(id, fresh);
    return fresh;
  }
}
