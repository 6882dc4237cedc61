/** In the overview of a person's own training: what was recorded, how, and what a recording can't know. */
import { type TemplateResult, html } from "lit-html";
import { isRecording } from "../../../engine/protocol/producers";
import type { PanelActions } from "../../panels/context";
import { type RecordingFact, recordingFacts, unknownFacts } from "../../state/recordingWords";
import { link } from "../../ui/links";
import type { ExtraPart, ViewFrame } from "../viewSpec";

export const recordingPart: ExtraPart = {
  place: "charts",
  needs: [{ kind: "outputGap", columns: ["probabilityShift"], edges: ["last"], layers: "run" }],
  draw: recording,
};

function recording({ run, model }: ViewFrame, actions: PanelActions): TemplateResult | null {
  if (!isRecording(run.view.run) || model.runs.length > 1) return null;
  const probes = run.curve("outputGap", "probabilityShift").x;
  return html`<section class="recording" data-testid="recording" aria-label="The recording">
    <div class="heading"><h2>The recording</h2></div>
    ${rows(recordingFacts(run.view, [...probes]), actions)}
    <div class="heading"><h2>Not in this recording</h2></div>
    ${rows(unknownFacts(run), actions)}
  </section>`;
}

const rows = (facts: readonly RecordingFact[], actions: PanelActions): TemplateResult =>
  html`<dl class="facts-list">
    ${facts.map(({ label, text, kind }) => html`<dt>${label}</dt><dd>${valueOf(text, kind, actions)}</dd>`)}
  </dl>`;

function valueOf(text: string, kind: RecordingFact["kind"], actions: PanelActions): TemplateResult | string {
  if (kind === "code") return html`<code>${text}</code>`;
  if (kind !== "file") return text;
  return link({ text, label: `Open ${text}`, activate: () => actions.run("openSource") });
}
