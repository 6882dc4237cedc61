/** Buttons that look like links, for actions in the editor that have no address. */
import { type TemplateResult, html, nothing } from "lit-html";

export interface LinkOptions {
  readonly text: string;
  /** What it does, for screen readers. */
  readonly label: string;
  readonly className?: string;
  readonly testId?: string;
  readonly activate: () => void;
}

export function link({ text, label, className = "link", testId, activate }: LinkOptions): TemplateResult {
  const clicked = (event: Event): void => {
    event.stopPropagation();
    activate();
  };
  return html`<button
    class=${className}
    type="button"
    aria-label=${label}
    data-testid=${testId ?? nothing}
    @click=${clicked}
  >${text}</button>`;
}
