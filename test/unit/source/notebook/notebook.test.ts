import { strict as assert } from "node:assert";
import { joinCells } from "../../../../engine/source/notebook/joinCells";
import { maskMagics } from "../../../../engine/source/notebook/maskMagics";
import { notebookCells } from "../../../../engine/source/notebook/notebookCells";
import { parsePython } from "../../../../engine/python/parse";
import { readModelFile } from "../../../../engine/source/readModel";
import { decodeSource } from "../../../../engine/source/sourceText";
import { python } from "../../support/python";

const code = (source: string | string[], more: object = {}): object => ({
  cell_type: "code",
  source,
  metadata: {},
  outputs: [],
  ...more,
});
const notebook = (cells: readonly object[], metadata: object = {}): string =>
  JSON.stringify({ nbformat: 4, metadata, cells });
const textsOf = (json: string): string[] => {
  const cells = notebookCells("a.ipynb", json);
  assert.ok(cells.ok, JSON.stringify(cells));
  return cells.value.map(({ number, text }) => `${number}: ${text}`);
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the cells of a notebook", () => {
  it("are its Python code cells, counted among all cells", () => {
    const json = notebook([
      { cell_type: "markdown", source: "# x" },
      code(["a = 1\n", "b = 2"]),
      { cell_type: "raw", source: "raw" },
      code("c = 3"),
      code("SELECT", { metadata: { vscode: { languageId: "sql" } } }),
    ]);
    assert.deepEqual(textsOf(json), ["2: a = 1\nb = 2", "4: c = 3"]);
  });
  it("are none where the notebook is another language's", () => {
    assert.deepEqual(textsOf(notebook([code("x <- 1")], { language_info: { name: "R" } })), []);
    assert.deepEqual(textsOf(notebook([code("x = 1")], { kernelspec: { language: "python3" } })), ["1: x = 1"]);
  });
  it("stand in worksheets in format 3", () => {
    const json = JSON.stringify({
      nbformat: 3,
      worksheets: [
        {
          cells: [
            { cell_type: "heading", source: "x" },
            { cell_type: "code", language: "python", input: ["a = 1"] },
          ],
        },
      ],
    });
    assert.deepEqual(textsOf(json), ["2: a = 1"]);
  });
  for (const [name, json] of [
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no cells", "{}"],
    ["a cell that is a number", notebook([5 as unknown as object])],
    ["a cell without text", notebook([{ cell_type: "code" }])],
  ] as const) {
    it(`are a named problem when the file has ${name}`, () => {
      const cells = notebookCells("a.ipynb", json);
      assert.equal(cells.ok ? "" : cells.problem.code, "notebook-malformed");
    });
  }
});

describe("magics", () => {
  const masks = (before: string, after: string): void => {
    assert.equal(maskMagics(before), after);
    assert.equal(after.length, before.length);
  };
  it("become comments of the same length", () =>
    masks(
      "%matplotlib inline\n!pip install torch\nx = 1\nprint?\n?print\n",
      "#matplotlib inline\n#pip install torch\nx = 1\n#rint?\n#print\n",
    ));
  it("stay statements in a block, which would be empty without them", () => {
    masks("if x:\n    !pip install y\n", "if x:\n    0#ip install y\n");
    assert.deepEqual(parsePython("a.py", maskMagics("if x:\n    !pip install y\nz = 1\n")).syntaxErrors, []);
  });
  it("are assigned", () => masks("files = !ls\nout = %time f()\na != b\n", "#iles = !ls\n#ut = %time f()\na != b\n"));
  it("continue after a backslash, whatever the indent", () => {
    masks("!pip install a \\\n  b\nx = 1", "#pip install a \\\n# b\nx = 1");
    const cell = maskMagics("!run --dir a \\\n --set b \\\n--to c\nx = 1\n");
    assert.deepEqual(parsePython("a.py", cell).syntaxErrors, []);
  });
  it("need no sign in a cell of one line", () => {
    for (const line of ["ls ./data/train/", "pip install -q torch", "cd ..", "mkdir -p a/b", "ls -la"])
      masks(`${line}\n`, `#${line.slice(1)}\n`);
    for (const line of ["ls = 1", "time - start", "cat in names", "more.x", "run(x)", "load, save = a, b", "lsof x"])
      masks(line, line);
    masks("ls ./data\nx = 1\n", "ls ./data\nx = 1\n");
  });
  it("take the whole cell when it is another language's", () =>
    masks("\n%%bash\nls -l\n\nrm x", "\n#%bash\n#s -l\n\n#m x"));
  it("take a whole cell away with its blocks", () => {
    masks("%%backend x\ndef f():\n\treturn 1\n", "#%backend x\n#ef f():\n#return 1\n");
    const cell = maskMagics("%%writefile a.py\ndef f():\n    if x:\n        return 1\n");
    assert.deepEqual(parsePython("a.py", `${cell}y = 1\n`).syntaxErrors, []);
  });
  it("leave the cell when it is Python's", () => masks("%%time\nx = 1\n", "#%time\nx = 1\n"));
  it("are not taken from within expressions and strings", () => {
    for (const text of [
      "x = (a\n     % b)\n",
      'x = """\n!ls\n%x\n"""\n',
      "x = a \\\n  % b\n",
      "x = {  # ' (\n  'a': 1,\n}\ny = 'it\\'s (' % 2\nz = 1\n",
      "x = '''a'b\n%c'''\n",
    ])
      masks(text, text);
  });
  it("keep every line's end", () => masks("%a\r\nx = 1\r\n!b\r\n", "#a\r\nx = 1\r\n#b\r\n"));
});

describe("a cell that begins with an indent", () => {
  const errors = (...cells: readonly string[]): unknown => parsePython("a.py", joinCells(cells).text).syntaxErrors;
  it("is read without it, as IPython does", () => {
    assert.deepEqual(errors("a = 1", "  b = f(a,\n      c)\n  if b:\n    d = 1\n", "e = 1"), []);
    assert.deepEqual(errors("\n\t@wraps\n\tdef f():\n\t\treturn 1\n"), []);
    assert.deepEqual(errors(" x = 1\ny = 2\n"), []);
    assert.deepEqual(errors("  %%bash\n  ls\n", "  !ls\n  x = 1\n"), []);
  });
  it("keeps the place of every character", () => {
    const before = "  x = 1\n  for y in x:\n    z = 1\n\n";
    assert.deepEqual(
      [...maskMagics(before)].map((character) => (character === "\f" ? " " : character)).join(""),
      before,
    );
  });
  it("is wrong where a later line has another indent", () => {
    assert.notDeepEqual(errors("x = 1\n  y = 2\n"), []);
    assert.notDeepEqual(errors("  x = 1\n   y = 2\n"), []);
  });
});

describe("joined cells", () => {
  const joined = joinCells(["a = 1\nb = 2", "", "c = 3\n"]);
  it("begin on separate lines", () => assert.equal(joined.text, "a = 1\nb = 2\n\nc = 3\n"));
  it("give every line its place and back", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((line) => joined.placeOf(line)),
      [
        { cell: 0, line: 1 },
        { cell: 0, line: 2 },
        { cell: 1, line: 1 },
        { cell: 2, line: 1 },
        { cell: 2, line: 2 },
      ],
    );
    for (const line of [1, 2, 3, 4, 5]) assert.equal(joined.lineOf(joined.placeOf(line)), line);
  });
});

describe("a notebook", () => {
  const json = notebook([
    code("%pip install torch\nimport torch.nn as nn"),
    { cell_type: "markdown", source: "The block" },
    code(
      python`
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 4)
            def forward(self, x):
                return self.fc(x)`,
    ),
    code("model = nn.Sequential(Block(), nn.BatchNorm1d(4))"),
  ]);
  it("is read as one program, and its lines are named by cell", () => {
    const source = decodeSource("a.ipynb", bytes(json));
    assert.ok(source.ok);
    const reading = readModelFile({ path: "a.ipynb", text: source.value.text });
    assert.deepEqual(
      reading.variant?.layers.map(({ name, range }) => `${name} ${source.value.lineWords(range.startLine)}`),
      ["0.fc cell 3 line 4", "1 cell 4 line 1"],
    );
  });
  it("with nothing but text in it has no model", () => {
    const source = decodeSource("a.ipynb", bytes(notebook([])));
    assert.ok(source.ok);
    assert.deepEqual(readModelFile({ path: "a.ipynb", text: source.value.text }).problems, [
      { code: "no-model", path: "a.ipynb" },
    ]);
  });
  const refusedIn = (metadata: object): unknown => {
    const cells = [code("x = 1"), code("# on purpose\nx = = 2\n  y"), code("z = 3")];
    const source = decodeSource("a.ipynb", bytes(notebook(cells, metadata)));
    assert.ok(source.ok);
    return source.value.runnable();
  };
  it("runs without the cells that its kernel refuses", () => {
    const expected = { text: "x = 1\n# on purpose\n# = = 2\n# y\nz = 3", refused: [3] };
    assert.deepEqual(refusedIn({ kernelspec: { name: "python3" } }), expected);
    assert.deepEqual(refusedIn({ language_info: { name: "python", version: "3.11.2" } }), expected);
  });
  it("may have run in Python 2 where it does not say that it is one of Python 3", () => {
    const whole = { text: "x = 1\n# on purpose\nx = = 2\n  y\nz = 3", refused: [] };
    assert.deepEqual(refusedIn({}), whole);
    assert.deepEqual(refusedIn({ language_info: { name: "python", version: "2.7.3" } }), whole);
  });
});
