/**
 * The only file that uses the control library. It takes plain options and returns templates, so that another library
 * would change only this file.
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
  /** The tooltip, where the label alone does not say what the button does. */
  readonly title?: string;
  readonly icon?: Picture;
  readonly hidden?: boolean;
  /** For a switch: whether it is on. */
  readonly pressed?: boolean;
  readonly activate: () => void;
}

/** The label is a plain text node, because the library gives a slotted span the size of an icon. */
export const button = (options: ButtonOptions): TemplateResult => html`<vscode-button
  appearance=${options.appearance}
  data-testid=${options.testId}
  title=${options.title ?? nothing}
  aria-pressed=${options.pressed ?? nothing}
  ?hidden=${options.hidden ?? false}
  @click=${options.activate}
>${options.icon ? picture(options.icon) : nothing}${options.label}</vscode-button>`;
