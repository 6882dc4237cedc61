/** The `vscode` module for unit tests: only `l10n.t`, which fills `{0}` or `{name}` in as VS Code does in English. */
type Argument = string | number | boolean;

function t(message: string, ...args: readonly (Argument | Readonly<Record<string, Argument>>)[]): string {
  const [first] = args;
  const values = typeof first === "object" ? first : (args as readonly Argument[]);
  return message.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    String((values as Readonly<Record<string, Argument>>)[name] ?? placeholder),
  );
}

export const l10n = { t };

/** What is open; a test puts it there. */
export const workspace = { notebookDocuments: [] as object[] };

/** As VS Code numbers them. */
export const NotebookCellKind = { Markup: 1, Code: 2 } as const;
