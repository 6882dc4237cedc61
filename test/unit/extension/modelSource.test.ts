import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { sourceOf } from "../../../extension/editor/modelSource";

interface CellText {
  readonly text: string;
  readonly version?: number;
}

const PYTHON_3 = { metadata: { kernelspec: { name: "python3" } } };

/** What an open notebook with these cells is read as. */
function textOf(cells: readonly CellText[], metadata: object = PYTHON_3): string | undefined {
  const path = "/a.ipynb";
  const parts = cells.map(({ text, version = 1 }, index) => ({
    index,
    kind: vscode.NotebookCellKind.Code,
    document: {
      uri: { scheme: "vscode-notebook-cell", path, fragment: String(index), toString: () => `cell:${index}` },
      languageId: "python",
      version,
      getText: () => text,
    },
  }));
  const notebook = { uri: { path }, metadata, getCells: () => parts };
  const open = vscode.workspace as unknown as { notebookDocuments: object[] };
  open.notebookDocuments = [notebook];
  const source = sourceOf(parts[0]!.document as unknown as vscode.TextDocument);
  open.notebookDocuments = [];
  return source?.layout.text;
}

describe("An open notebook", () => {
  const REFUSED = "# on purpose\nx = = 2";
  it("is read without the cells that its kernel refuses, which keep their lines", () => {
    assert.equal(
      textOf([{ text: "a = 1" }, { text: REFUSED }, { text: "z = 3" }]),
      "a = 1\n# on purpose\n# = = 2\nz = 3",
    );
  });
  it("is read whole while somebody types, so that what was read before stays", () => {
    const typed = { text: REFUSED, version: 7 };
    assert.equal(textOf([{ text: "a = 1" }, typed]), `a = 1\n${REFUSED}`);
    assert.equal(textOf([{ text: "a = 1", version: 4 }, { text: REFUSED }]), "a = 1\n# on purpose\n# = = 2");
  });
  it("is read so in an older VS Code too", () => {
    assert.equal(textOf([{ text: "a = 1" }, { text: REFUSED }], { custom: PYTHON_3 }), "a = 1\n# on purpose\n# = = 2");
  });
  it("is read whole where it may be of Python 2", () => {
    assert.equal(textOf([{ text: "a = 1" }, { text: REFUSED }], {}), `a = 1\n${REFUSED}`);
  });
});
