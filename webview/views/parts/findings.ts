/** The findings of the runs: short beside the overview, and in full in a view of their own. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { RunFinding } from "../../../engine/protocol/finding";
import { type ViewId, viewTitles } from "../../../engine/protocol/judgement";
import { lineOfLayer } from "../../../engine/protocol/producers";
import type { RunLayer } from "../../../engine/protocol/records";
import { type PanelActions, revealing } from "../../panels/context";
import type { RunModel } from "../../state/runModel";
import { primaryRun } from "../../state/panelModel";
import { runStyle } from "../../state/runStyles";
import { thousands, withoutMiddle } from "../../ui/format";
import { toneIcon } from "../../ui/icons";
import { link } from "../../ui/links";
import type { ExtraPart, ViewFrame } from "../viewSpec";

const rank: Readonly<Record<RunFinding["severity"], number>> = { error: 0, warning: 1, information: 2 };

export const findingsPart: ExtraPart = { place: "spine", draw: findings };

interface Found {
  readonly run: RunModel;
  readonly finding: RunFinding;
  /** Of the run, where several are compared. */
  readonly letter: string;
}

/** The worst first. */
const found = (runs: readonly RunModel[]): Found[] =>
  runs
    .flatMap((run, index) => {
      const letter = runs.length > 1 ? runStyle(index).letter : "";
      return (run.view.judgement?.findings ?? []).map((finding) => ({ run, finding, letter }));
    })
    .sort((a, b) => rank[a.finding.severity] - rank[b.finding.severity]);

/** Hidden if there are none. */
function findings({ model: { runs } }: ViewFrame, actions: PanelActions): TemplateResult | null {
  const all = found(runs);
  if (all.length === 0) return null;
  return html`<section class="findings" data-testid="findings" aria-label="Findings">
    <div class="heading"><h2>Findings</h2></div>
    <ul>${all.map(({ run, letter, finding }) => row(finding, run, letter, actions))}</ul>
  </section>`;
}

export function allFindings({ model: { runs } }: ViewFrame, actions: PanelActions): TemplateResult {
  const all = found(runs);
  return html`<section class="findings in-full" data-testid="all-findings" aria-label="Findings">
    <ul>${all.map((one) => fullRow(one, runs, actions))}</ul>
    ${all.length === 0 ? html`<p class="secondary">What rules find in a run is listed here.</p>` : nothing}
  </section>`;
}

function fullRow({ run, finding, letter }: Found, runs: readonly RunModel[], actions: PanelActions): TemplateResult {
  const { severity, verdict, evidence, next, rule } = finding;
  const part = (label: string, text: string): TemplateResult | typeof nothing =>
    text === "" ? nothing : html`<dt>${label}</dt><dd>${text}</dd>`;
  return html`<li class="finding" data-testid=${`finding-${rule}`}>
    ${toneIcon(severity)}
    <div class="finding-words">
      <h2>${letter === "" ? nothing : `${letter}: `}${verdict}</h2>
      <dl>${part("Evidence", evidence)}${part("Next", next)}</dl>
      <p class="finding-links">
        ${placeOf(finding, run, actions)}${stepLink(finding, actions)}${chartLink(finding, run, runs, actions)}
        ${link({ text: rule, label: `About the rule ${rule}`, activate: () => actions.openRule(rule) })}
      </p>
    </div>
  </li>`;
}

/** Pins the step at which it was first true, in all views. */
function stepLink({ step }: RunFinding, actions: PanelActions): TemplateResult | typeof nothing {
  if (step === null) return nothing;
  const text = `step ${thousands(step)}`;
  return link({ text, label: `Pin ${text}`, activate: () => actions.pinStep(step) });
}

/** The view whose charts show what a rule is about. */
const viewOfRule: Readonly<Record<string, ViewId>> = {
  "statistics-behind": "convergence",
  "statistics-too-young": "convergence",
  "momentum-inverted": "convergence",
  "stale-statistics-in-a-copy": "convergence",
  "gamma-dead-or-exploding": "health",
  "ranks-apart": "ranks",
  "ranks-train-apart": "ranks",
};

function chartLink(
  { rule, layers, step }: RunFinding,
  run: RunModel,
  runs: readonly RunModel[],
  actions: PanelActions,
): TemplateResult | typeof nothing {
  const view = viewOfRule[rule] ?? "drift";
  const layer = layers.find((id) => run.layerOf(id) !== undefined);
  // The layers that views show are those of one run.
  if (layer === undefined || run !== primaryRun({ runs })) return nothing;
  const activate = (): void => {
    actions.selectLayer(layer);
    if (step !== null) actions.pinStep(step);
    actions.openView(view);
  };
  return link({ text: `charts in ${viewTitles[view]}`, label: `Show its charts in ${viewTitles[view]}`, activate });
}

function row(finding: RunFinding, run: RunModel, letter: string, actions: PanelActions): TemplateResult {
  const { severity, verdict, evidence, next } = finding;
  return html`<li class="finding">
    ${toneIcon(severity)}
    <div class="finding-words">
      <p class="strong">${letter === "" ? nothing : `${letter}: `}${verdict}</p>
      ${evidence === "" ? nothing : html`<p class="secondary">${evidence}</p>`}
      ${next === "" ? nothing : html`<p class="secondary">${next}</p>`}
    </div>
    <div class="finding-place">${placeOf(finding, run, actions)}</div>
  </li>`;
}

/** Its first layer is a link that selects it, with how many more there are; a known line is a link that goes to it. */
function placeOf({ layers, line }: RunFinding, run: RunModel, actions: PanelActions): (TemplateResult | string)[] {
  const [id] = layers;
  const layer = run.view.run?.layers.find((one) => one.id === id);
  const more = layers.length > 1 ? ` and ${layers.length - 1} more` : "";
  const places = [layer ? layerPlace(layer, actions) : (id ?? ""), more];
  const words = layer?.source ? lineOfLayer(layer.source) : line === null ? "" : `line ${line}`;
  if (words === "") return places;
  const activate = revealing(actions, layer?.id ?? "", run);
  return [...places, layer?.source ? link({ text: words, label: `Go to ${words}`, activate }) : words];
}

function layerPlace({ id, name, norm }: RunLayer, actions: PanelActions): TemplateResult | string {
  const text = withoutMiddle(name, 24);
  if (norm === null) return text;
  return link({
    text,
    label: `Select layer ${name}`,
    className: "link code",
    activate: () => actions.selectLayer(id),
  });
}
