/** Views on the left; the shown step, following, and tables instead of charts on the right. */
import { type TemplateResult, html, nothing, render } from "lit-html";
import { type PanelModel, isFollowing, lastStep, primaryRun } from "../state/panelModel";
import { button } from "../ui/controls";
import { element } from "../ui/dom";
import { thousands } from "../ui/format";
import { viewsFor } from "../views/allViews";
import type { ViewSpec } from "../views/viewSpec";
import type { PanelContext, PanelPart, Surroundings } from "./context";

export class Tabs implements PanelPart {
  readonly element = element("nav", { className: "tabs" });

  private views: readonly ViewSpec[] = [];

  constructor(private readonly context: PanelContext) {}

  update(model: PanelModel, { narrow }: Surroundings): void {
    this.views = viewsFor(model.runs);
    const { view, pinnedStep } = model.selection;
    const last = lastStep(model);
    const step =
      pinnedStep === null ? `Step ${thousands(last)}` : `Step ${thousands(pinnedStep)} of ${thousands(last)}, pinned`;
    const tabs = html`<div
        class="tab-list"
        role="tablist"
        aria-label="Views"
        @keydown=${(event: KeyboardEvent) => this.keyPressed(event)}
      >
        ${this.views.map((spec) => this.tab(spec, spec.id === view))}
      </div>
      <div class="tab-tools">
        <span class="step" data-testid="step" aria-live="off">${step}</span>
        ${this.tools(model, narrow)}
      </div>`;
    render(tabs, this.element);
  }

  private tab({ id, title, tab = title }: ViewSpec, isOpen: boolean): TemplateResult {
    return html`<button
      class="tab"
      type="button"
      role="tab"
      id=${`tab-${id}`}
      data-testid=${`tab-${id}`}
      aria-controls="view"
      aria-selected=${String(isOpen)}
      tabindex=${isOpen ? 0 : -1}
      @click=${() => this.context.actions.openView(id)}
      title=${tab === title ? nothing : title}
    >${tab}</button>`;
  }

  private tools(model: PanelModel, narrow: boolean): TemplateResult[] {
    const { actions } = this.context;
    const isLive = primaryRun(model)?.isLive ?? false;
    const following = isFollowing(model.selection);
    return [
      button({
        label: isLive ? (following ? "Following" : "Follow") : "Show all steps",
        testId: "follow",
        appearance: "secondary",
        icon: "follow",
        hidden: following && !isLive,
        pressed: following,
        activate: () => actions.resetSteps(),
      }),
      button({
        label: narrow ? "Tables" : "Show as tables",
        testId: "tables",
        appearance: "secondary",
        title: "Show numbers instead of charts.",
        icon: "table",
        pressed: model.selection.showTables,
        activate: () => actions.toggleTables(),
      }),
    ];
  }

  private keyPressed(event: KeyboardEvent): void {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const tabs = [...this.element.querySelectorAll<HTMLElement>(".tab")];
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    if (move === undefined || at < 0) return;
    const next = (at + move + tabs.length) % tabs.length;
    const view = this.views[next];
    if (!view) return;
    this.context.actions.openView(view.id);
    tabs[next]?.focus();
    event.preventDefault();
  }
}
