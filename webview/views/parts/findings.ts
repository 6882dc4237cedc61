/** The findings of the run. Hidden if there are none. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { RunFinding } from "../../../engine/protocol/finding";
import { lineOfLayer } from "../../../engine/protocol/producers";
import type { RunLayer } from "../../../engine/protocol/records";
import type { PanelActions } from "../../panels/context";
import type { RunModel } from "../../state/runModel";
import { runStyle } from "../../state/runStyles";
import { withoutMiddle } from "../../ui/format";
import { toneIcon } from "../../ui/icons";
import { link } from "../../ui/links";
import type { ExtraPart, ViewFrame } from "../viewSpec";

const rank: Readonly<Record<RunFinding["severity"], number>> = { error: 0, warning: 1, information: 2 };

export const findingsPart: ExtraPart = { place: "spine", draw: findings };

function findings({ model: { runs } }: ViewFrame, actions: PanelActions): TemplateResult | null {
  const all = runs
    .flatMap((run, index) => (run.view.judgement?.findings ?? []).map((finding) => ({ run, index, finding })))
    .sort((a, b) => rank[a.finding.severity] - rank[b.finding.severity]);
  if (all.length === 0) return null;
  const letterOf = (index: number): string => (runs.length > 1 ? runStyle(index).letter : "");
  return html`<section class="findings" data-testid="findings" aria-label="Findings">
    <div class="heading"><h2>Findings</h2></div>
    <ul>${all.map(({ run, index, finding }) => row(finding, run, letterOf(index), actions))}</ul>
  </section>`;
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
  const activate = (): void => actions.revealLayer(layer?.id ?? "", run);
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
