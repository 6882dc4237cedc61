/** Views at the left; at the right the step shown, following, and tables instead of pictures. */
import { panelViewNames } from "../protocol";
import { type PanelModel, isFollowing, primaryRun } from "../state/panelModel";
import { button, setButtonLabel, setButtonPressed } from "../ui/controls";
import { element, setHidden, setText } from "../ui/dom";
import { thousands } from "../ui/format";
import { picture } from "../ui/icons";
import { type PanelContext, type PanelPart, viewTitles } from "./context";

export class Tabs implements PanelPart {
  private readonly tabs = panelViewNames.map((view) => {
    const tab = element("button", {
      className: "tab",
      testId: `tab-${view}`,
      text: viewTitles[view],
      attributes: { type: "button", role: "tab", id: `tab-${view}`, "aria-controls": "view" },
    });
    tab.addEventListener("click", () => this.context.actions.openView(view));
    return { view, tab };
  });
  private readonly step = element("span", { className: "step", testId: "step", attributes: { "aria-live": "off" } });
  private readonly follow: HTMLElement;
  private readonly tables: HTMLElement;
  readonly element: HTMLElement;

  constructor(private readonly context: PanelContext) {
    const { actions } = context;
    this.follow = button({
      label: "Following",
      testId: "follow",
      appearance: "secondary",
      icon: picture("follow"),
      activate: () => actions.resetSteps(),
    });
    this.tables = button({
      label: "Show as tables",
      testId: "tables",
      appearance: "secondary",
      title: "Numbers instead of pictures",
      icon: picture("table"),
      activate: () => actions.toggleTables(),
    });
    const list = element("div", {
      className: "tab-list",
      attributes: { role: "tablist", "aria-label": "Views" },
      children: this.tabs.map(({ tab }) => tab),
    });
    list.addEventListener("keydown", (event) => this.keyPressed(event));
    this.element = element("nav", {
      className: "tabs",
      children: [list, element("div", { className: "tab-tools", children: [this.step, this.follow, this.tables] })],
    });
  }

  update(model: PanelModel): void {
    const { selection } = model;
    for (const { view, tab } of this.tabs) {
      const isOpen = view === selection.view;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.tabIndex = isOpen ? 0 : -1;
    }
    const run = primaryRun(model);
    const last = Math.max(0, ...model.runs.map(({ view }) => view.step));
    const pinned = selection.pinnedStep;
    setText(
      this.step,
      pinned === null ? `Step ${thousands(last)}` : `Step ${thousands(pinned)} of ${thousands(last)}, pinned`,
    );
    const isLive = run?.isLive ?? false;
    const following = isFollowing(selection);
    setHidden(this.follow, following && !isLive);
    setButtonLabel(this.follow, isLive ? (following ? "Following" : "Follow") : "Show all steps");
    setButtonPressed(this.follow, following);
    setButtonPressed(this.tables, selection.showTables);
  }

  private keyPressed(event: KeyboardEvent): void {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const at = this.tabs.findIndex(({ tab }) => tab === document.activeElement);
    if (move === undefined || at < 0) return;
    const next = this.tabs[(at + move + this.tabs.length) % this.tabs.length];
    if (!next) return;
    this.context.actions.openView(next.view);
    next.tab.focus();
    event.preventDefault();
  }
}
