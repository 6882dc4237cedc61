/** What stands in the place of layers for a run without BN: why it is empty, what works, and a way on. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { RunModel } from "../../state/runModel";

const twinWords = "Compare with BN trains the same model with BN beside this run: same seed, same order of the data.";

/** Only a run of our own can be trained again with BN. */
const twin = (run: RunModel) => (run.view.run?.config ? html`<p class="secondary">${twinWords}</p>` : nothing);

/** Instead of a view that is about layers only. */
export const emptyView = (title: string, run: RunModel): TemplateResult => html`<div class="empty">
  <h2>${title} needs batch normalization</h2>
  <p>This run has no BN layer, so there is nothing to show here. Overview works: accuracy and loss are complete.</p>
  ${twin(run)}
</div>`;

/** Instead of the spine, in a view that has more to show. */
export const noLayers = (run: RunModel): TemplateResult => html`<div class="no-layers">
  <div class="heading"><h2>BN layers</h2></div>
  <p>None: there are no batch or running statistics to follow. Accuracy and loss are complete.</p>
  ${twin(run)}
</div>`;
