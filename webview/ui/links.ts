/** Buttons that look like links, for actions in the editor that have no address. */
import { type TemplateResult, html, nothing } from "lit-html";

export interface LinkOptions {
  readonly text: string;
  /** What it does, for screen readers. */
  readonly label: string;
  readonly className?: string;
  readonly testId?: string;
  /** Null where it leads nowhere: then it is text. */
  readonly activate: (() => void) | null;
}

export function link({ text, label, className = "link", testId, activate }: LinkOptions): TemplateResult {
  if (activate === null) return html`<span class=${className === "link code" ? "code" : ""}>${text}</span>`;
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
