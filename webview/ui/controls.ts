/**
 * The only file that knows the control library. Plain options in, elements out: another library replaces this file
 * and nothing else.
 */
import "./styleNonce";
import { provideVSCodeDesignSystem, vsCodeButton } from "@vscode/webview-ui-toolkit";

provideVSCodeDesignSystem().register(vsCodeButton());

export interface ButtonOptions {
  readonly label: string;
  readonly testId: string;
  readonly appearance: "primary" | "secondary";
  /** What it does, where the label alone does not say it. */
  readonly title?: string;
  readonly icon?: SVGElement;
  readonly activate: () => void;
}

export function button({ label, testId, appearance, title, icon, activate }: ButtonOptions): HTMLElement {
  const node = document.createElement("vscode-button");
  node.setAttribute("appearance", appearance);
  node.dataset["testid"] = testId;
  if (title !== undefined) node.title = title;
  if (icon) {
    icon.setAttribute("slot", "start");
    node.append(icon);
  }
  // A bare text node: the library squeezes a slotted span into the square of an icon.
  node.append(document.createTextNode(label));
  node.addEventListener("click", activate);
  return node;
}

export function setButtonLabel(node: HTMLElement, label: string): void {
  const text = [...node.childNodes].find((child) => child.nodeType === Node.TEXT_NODE);
  if (text && text.nodeValue !== label) text.nodeValue = label;
}

export function setButtonPressed(node: HTMLElement, pressed: boolean): void {
  if (node.getAttribute("aria-pressed") !== String(pressed)) node.setAttribute("aria-pressed", String(pressed));
}
