/** The whole run in 40 pixels: the loss as a shape, where training is, what part is shown, what is pinned. */
import { stepTicks } from "../charts/buildOptions";
import { silhouettePath } from "../marks/silhouette";
import { type PanelModel, primaryRun, stepRange } from "../state/panelModel";
import { div, element, replaceWhen, setHidden, setText, span, svg } from "../ui/dom";
import { thousands } from "../ui/format";
import type { PanelContext, PanelPart } from "./context";

const WIDTH_BEFORE_LAYOUT = 300;

export class Footer implements PanelPart {
  private readonly shape = svg("path", { class: "silhouette" });
  private readonly window = div("step-window");
  private readonly pin = element("div", { className: "footer-pin", children: [span("footer-pin-label", "")] });
  private readonly ticks = div("footer-ticks");
  private readonly strip = element("div", {
    className: "footer-strip",
    children: [
      svg(
        "svg",
        { viewBox: "0 0 100 100", preserveAspectRatio: "none", class: "footer-shape", "aria-hidden": "true" },
        this.shape,
      ),
      this.window,
      this.pin,
      this.ticks,
    ],
  });
  readonly element = element("footer", {
    className: "footer",
    testId: "footer",
    attributes: { role: "img" },
    children: [span("secondary footer-label", "All steps"), this.strip],
  });

  constructor(private readonly context: PanelContext) {
    new ResizeObserver(() => this.drawTicks()).observe(this.strip);
    this.strip.addEventListener("click", ({ clientX }) => {
      const { left, width } = this.strip.getBoundingClientRect();
      this.context.focus.actions.pin(
        Math.max(0, Math.min(this.lastStep, Math.round(((clientX - left) / width) * this.planned))),
      );
    });
  }

  private planned = 1;
  private lastStep = 0;

  update(model: PanelModel): void {
    const run = primaryRun(model);
    if (!run) return;
    this.planned = Math.max(1, run.view.run?.config.steps ?? run.view.step);
    this.lastStep = run.view.step;
    const share = (step: number): string => this.share(step);
    this.shape.setAttribute("d", silhouettePath(run.curve("loss", "loss"), this.planned));
    const [from, to] = stepRange(model);
    this.window.style.left = share(from);
    this.window.style.width = share(to - from);
    const pinned = model.selection.pinnedStep;
    setHidden(this.pin, pinned === null);
    this.pin.style.left = share(pinned ?? 0);
    this.pin.classList.toggle("at-end", (pinned ?? 0) > 0.85 * this.planned);
    setText(this.pin.firstElementChild ?? this.pin, pinned === null ? "" : `step ${thousands(pinned)}`);
    this.drawTicks();
    this.element.setAttribute(
      "aria-label",
      `Whole run: step ${thousands(this.lastStep)} of ${thousands(this.planned)}; shown are steps ${thousands(from)} to ${thousands(to)}`,
    );
  }

  private share(step: number): string {
    return `${((100 * Math.min(step, this.planned)) / this.planned).toFixed(2)}%`;
  }

  /** As many as there is room for, which a finished run learns of only when the panel changes its width. */
  private drawTicks(): void {
    const ticks = stepTicks(0, this.planned, this.strip.clientWidth || WIDTH_BEFORE_LAYOUT);
    replaceWhen(this.ticks, ticks.join(), () =>
      ticks.map((step) => {
        const label = span("axis-mark", thousands(step));
        label.style.left = this.share(step);
        return label;
      }),
    );
  }
}
