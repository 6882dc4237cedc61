/** What a run without BN shows in place of layers: why there is nothing, where to look, and what to do. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { RunModel } from "../../state/runModel";

const twinWords =
  "Compare with BN trains the same model with BN, with the same random seed and data order, and shows both runs.";

/** Only a run of our own engine can be trained again with BN. */
const twin = (run: RunModel) => (run.view.run?.config ? html`<p class="secondary">${twinWords}</p>` : nothing);

/** Instead of a view that is about layers only. */
export const emptyView = (title: string, run: RunModel): TemplateResult => html`<div class="empty">
  <h2>${title} needs batch normalization</h2>
  <p>This run has no BN layers, so there is nothing to show here. Open Overview for its accuracy and loss.</p>
  ${twin(run)}
</div>`;

/** Instead of the spine, in a view that has more to show. */
export const noLayers = (run: RunModel): TemplateResult => html`<div class="no-layers">
  <div class="heading"><h2>BN layers</h2></div>
  <p>This run has no BN layers, so it has no batch or running statistics.</p>
  ${twin(run)}
</div>`;
