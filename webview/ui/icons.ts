/** Icons of severities, states and buttons. Their shapes differ, not only their colours. */
import { type TemplateResult, html, svg } from "lit-html";
import type { Health, VerdictTone } from "../../engine/protocol/judgement";

const outlines: Readonly<Record<VerdictTone, readonly string[]>> = {
  ok: ["M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13", "M5 8.2l2.1 2.1L11.2 6"],
  information: ["M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13", "M8 7v4.5M8 4.4v1"],
  warning: ["M8 2L14.7 14H1.3z", "M8 6.2v4M8 11.3v1.1"],
  error: ["M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13", "M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"],
  busy: ["M8 1.5a6.5 6.5 0 1 1-6.5 6.5", "M8 7a1 1 0 1 1 0 2a1 1 0 0 1 0-2"],
};

const pathsOf = (outline: readonly string[]) => outline.map((d) => svg`<path d=${d}></path>`);

/** Hidden from screen readers: the text beside it says the same. */
export const toneIcon = (tone: VerdictTone): TemplateResult =>
  html`<svg viewBox="0 0 16 16" class=${`icon tone-${tone}`} aria-hidden="true">${pathsOf(outlines[tone])}</svg>`;

const severityOutlines: Readonly<Record<Health, readonly string[]>> = {
  ok: ["M4 8.4l2.6 2.6L12 5.4"],
  warning: outlines.warning,
  error: outlines.error,
  unknown: [],
};

export const severityWords: Readonly<Record<Health, string>> = {
  ok: "OK",
  warning: "warning",
  error: "error",
  unknown: "unknown",
};

export const severityIcon = (severity: Health): TemplateResult => html`<svg
  viewBox="0 0 16 16"
  class=${`icon small tone-${severity}`}
  role="img"
  aria-label=${severityWords[severity]}
>${pathsOf(severityOutlines[severity])}</svg>`;

const pictures = {
  pause: "M5.5 3v10M10.5 3v10",
  resume: "M4.5 2.8v10.4L13 8z",
  stop: "M3.5 3.5h9v9h-9z",
  probe: "M6 2h4M6.8 2v4.2L3 13.2h10L9.2 6.2V2M4.8 10h6.4",
  follow: "M2 8h11M9 4l4 4l-4 4",
  table: "M2 3h12v10H2zM2 6.4h12M2 9.7h12M6 3v10M10 3v10",
} as const;

export type Picture = keyof typeof pictures;

export const picture = (name: Picture): TemplateResult =>
  html`<svg slot="start" viewBox="0 0 16 16" class="icon small" aria-hidden="true">
    <path d=${pictures[name]}></path>
  </svg>`;
