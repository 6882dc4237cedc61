/**
 * A Python program inside a test, written as Python: without the line break after the opening quote and without the
 * indentation that its lines have in common. Backslashes are Python's, and what is interpolated stays as it is.
 */
export function python(strings: TemplateStringsArray, ...values: readonly unknown[]): string {
  const [first = "", ...others] = strings.raw;
  const indentation = /^\n( *)/.exec(first)?.[1] ?? "";
  const dedented = [first, ...others].map((part) => part.replaceAll(`\n${indentation}`, "\n"));
  const text = dedented.map((part, index) => part + (index < values.length ? String(values[index]) : "")).join("");
  // The closing quote stands on a line of its own.
  return text.replace(/^\n/, "").replace(/\n *$/, "\n");
}
