/** Elements without markup strings: text goes in through textContent, so that names from files stay text. */
type Child = Node | string | null | undefined;

export interface ElementOptions {
  readonly className?: string;
  readonly testId?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly Child[];
}

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  if (options.className !== undefined) node.className = options.className;
  if (options.testId !== undefined) node.dataset["testid"] = options.testId;
  if (options.text !== undefined) node.textContent = options.text;
  for (const [name, value] of Object.entries(options.attributes ?? {})) node.setAttribute(name, value);
  for (const child of options.children ?? []) if (child !== null && child !== undefined) node.append(child);
  return node;
}

export const div = (className: string, ...children: readonly Child[]): HTMLDivElement =>
  element("div", { className, children });
export const span = (className: string, text: string): HTMLSpanElement => element("span", { className, text });

/** SVG elements need their namespace; presentation goes through attributes, which the page's policy allows. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly SVGElement[]
): SVGElementTagNameMap[Tag] {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Writes only what differs, so that a live panel does not disturb a screen reader or a selection. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setHidden(node: HTMLElement, hidden: boolean): void {
  if (node.hidden !== hidden) node.hidden = hidden;
}

/** Replaces what is inside only when `key` says that it differs. */
export function replaceWhen(node: HTMLElement, key: string, children: () => readonly (Node | string)[]): void {
  if (node.dataset["shown"] === key) return;
  node.dataset["shown"] = key;
  node.replaceChildren(...children());
}

/** A button that looks like a link, for what happens inside the editor and has no address. */
export function linkButton(text: string, label: string, activate: () => void, className = "link"): HTMLButtonElement {
  const button = element("button", { className, text, attributes: { type: "button", "aria-label": label } });
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    activate();
  });
  return button;
}
