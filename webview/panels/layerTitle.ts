/** `layer1.1.bn2  BatchNorm2d(16)  line 13`: the layer that is shown. What the run does not say is left out. */
import { type TemplateResult, html, nothing } from "lit-html";
import { lineOfLayer } from "../../engine/protocol/producers";
import type { NormLayer } from "../../engine/protocol/records";
import type { RunModel } from "../state/runModel";
import { runStyle } from "../state/runStyles";
import { withoutMiddle } from "../ui/format";
import { link } from "../ui/links";
import { type PanelActions, revealing } from "./context";

export interface LayerTitleOptions {
  readonly layer: NormLayer;
  readonly run: RunModel;
  readonly runs: readonly RunModel[];
  readonly actions: PanelActions;
}

export function layerTitle({ layer, run, runs, actions }: LayerTitleOptions): TemplateResult {
  const { id, name, source } = layer;
  const which = runs.length > 1 ? `run ${runStyle(runs.indexOf(run)).letter}` : "";
  return html`<div class="layer-title" data-testid="layer-title">
    <span class="code strong" title=${name}>${withoutMiddle(name, 40)}</span>
    ${which === "" ? nothing : html`<span class="secondary">${which}</span>`}
    <span class="secondary">${kindOf(layer)}</span>
    ${source ? lineLink(name, lineOfLayer(source), revealing(actions, id, run)) : nothing}
    ${run.view.editedLayers.includes(id) ? html`<span class="secondary italic">edited since the run</span>` : nothing}
  </div>`;
}

function kindOf({ kind, norm }: NormLayer): string {
  if (kind === null) return norm.channels === null ? "" : `${norm.channels} channels`;
  return norm.channels === null ? kind : `${kind}(${norm.channels})`;
}

const lineLink = (layer: string, line: string, activate: (() => void) | null): TemplateResult =>
  link({ text: line, label: `Go to ${line}, which creates ${layer}`, testId: "line-link", activate });
