/**
 * The only file that knows the control library. Plain options in, templates out: another library replaces this file
 * and nothing else.
 */
import "./styleNonce";
import { provideVSCodeDesignSystem, vsCodeButton } from "@vscode/webview-ui-toolkit";
import { type TemplateResult, html, nothing } from "lit-html";
import { type Picture, picture } from "./icons";

provideVSCodeDesignSystem().register(vsCodeButton());

export interface ButtonOptions {
  readonly label: string;
  readonly testId: string;
  readonly appearance: "primary" | "secondary";
  /** What it does, where the label alone does not say it. */
  readonly title?: string;
  readonly icon?: Picture;
  readonly hidden?: boolean;
  /** Of a switch. */
  readonly pressed?: boolean;
  readonly activate: () => void;
}

/** The label is a bare text node: the library squeezes a slotted span into the square of an icon. */
export const button = (options: ButtonOptions): TemplateResult => html`<vscode-button
  appearance=${options.appearance}
  data-testid=${options.testId}
  title=${options.title ?? nothing}
  aria-pressed=${options.pressed ?? nothing}
  ?hidden=${options.hidden ?? false}
  @click=${options.activate}
>${options.icon ? picture(options.icon) : nothing}${options.label}</vscode-button>`;
