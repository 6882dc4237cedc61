/** What Python takes and refuses: each of these stood in a real file, or is the smallest form of one that did. */
import { strict as assert } from "node:assert";
import type { Statement } from "../../../engine/python/statements";
import { parsePython, parsePythonOnce } from "../../../engine/python/parse";

const errorLines = (text: string): number[] => parsePythonOnce("a.py", text).syntaxErrors.map(({ line }) => line);

const TAKEN: Readonly<Record<string, string>> = {
  "a name that Python 2 had a statement for": "print = partial(print, flush=True)\nexec = 1\n",
  "a backslash before a blank line": "def f(a):\n    return a + \\\n        1\\\n\ny = 2\n",
  "a backslash before the first token of a line": "if a:\n    \\\n  b = 1\n    c = 2\n",
  "a form feed in a line of its own": "x = 1\n\f\ny = 2\n",
  "form feeds before and between tokens": "if a:\n\f    x =\f1\n \f    y = 2\n",
  "line ends of three kinds": "if a:\r\n    x = 1\r    y = '''\r\n'''\n    z = (1,\r2)\n",
  "a carriage return behind a backslash": "x = 1 + \\\r\n2\ny = 'a\\\r\nb'\n",
  "a comment, and no line end": "if a:\n    pass\n  # c",
  "names that are bound to a tuple": "with f() as (a, b):\n    pass\n",
  "names that are bound to a list": "with f() as [a, *b], g() as c:\n    pass\n",
  "an attribute and an element that are bound": "with f() as self.x, g() as y[0]:\n    pass\n",
  "bracketed contexts": "with (open('a') as a, open('b') as b,):\n    pass\n",
  "bracketed contexts over several lines": "with (\n    # the first\n    open(a) as b,\n    open(c),\n):\n    pass\n",
  "contexts that only look bracketed": "with (a, b) as c, (d).e(): pass\nwith (a): pass\nwith (yield): pass\n",
  "a starred target in a comprehension": "[a for a, *b in c]\n{a: b for *a, b in c if a if not b}\n",
  "a starred index": "x[*a]\nx[a, *b, 1:2]\nx[(a := 1):2, b := 3]\n",
  "decorators of any form": "@a.b[0](c).d\nclass A: pass\n@(lambda f: f)\n@x if y else z\ndef f(): pass\n",
  "cells that comments begin": "# %% [markdown]\n# %%\nx = 1\n#%%\n",
  "numbers without digits behind their dot": "a = [1., 1.e5, 0.j, 1_0.0_1, 0_0, 00, 1if x else 2]\n",
  patterns: [
    "match a, *b:",
    "    case {'k': x, A.b: [1, -2.5, *_], **rest} | B(1, c=d) | -1 - 2j as e if e: pass",
    "    case a.b | None | 'x' 'y' | (): pass",
    "    case (x), *y: pass",
    "match = match(match)[case](type)",
    "type = case",
    "",
  ].join("\n"),
  "exceptions of a group": "try: pass\nexcept* (A, B) as e: pass\n",
  "exceptions without brackets": "try: pass\nexcept A, B: pass\n",
  "type parameters": "class A[T: int, *Ts, **P](B): pass\ndef f[T = int](*args: *T) -> T: pass\ntype X[T] = list[T]\n",
  "parameters with a slash": "def f(a, b=1, /, c=2, *, d, e=3, **g): pass\nlambda *a, b, **c: (yield)\n",
  "f-strings in f-strings": "f'{f\"{a!r:>{w}.{p}}\"}' f'{a=}' rf'\\{b}' f'{{}}' f'{x:{{}}}' f'''{\na # c\n}'''\n",
  "the same quotes in an f-string": "f'{a['b']}'\n",
  "names beyond ASCII": "é = ü_1 = 𝔘 = 1\n",
  "a yield wherever it may stand": "x = yield\ny = yield a, *b\nz += yield from c\n(yield)\n",
  "a star on the right": "return *a, b\nfor x in *a, b: pass\nx = *a,\ndel (a, [b]), c.d\n",
  "asynchronous statements":
    "async def f():\n    async with a as b, c: pass\n    async for x in y: await z ** 2\n    [i async for i in j]\n",
};

const REFUSED: Readonly<Record<string, string>> = {
  "two numbers in a row in a list": "c = {\n    'a': [51 512, 1],\n}\n",
  "Python 2's print": 'print "x"\n',
  "Python 2's raise": "raise A, 'x'\n",
  "Python 2's octal numbers": "x = 0777\n",
  "Python 2's inequality": "a <> b\n",
  "exceptions without brackets that get a name": "try: pass\nexcept A, e as x: pass\n",
  "a value that cannot be a target": "f() = 1\n",
  "a target that cannot be annotated": "(a, b): int = 1\n",
  "a positional argument behind one with a name": "f(a=1, b)\n",
  "a generator beside an argument": "f(x for x in y, 1)\n",
  "a parameter without a default behind one with": "def f(a=1, b): pass\n",
  "a star without parameters behind it": "def f(a, *): pass\n",
  "an indent that nothing announces": "x = 1\n  y = 2\n",
  "a block that is missing": "if a:\nb\n",
  "an indent that fits no block": "if a:\n    b\n  c\n",
  "tabs that mean several things": "if a:\n        b\n\tc\n",
  "a backslash with something behind it": "x = 1 \\ \n",
  "a backslash at the end": "x = 1 \\",
  "a bracket that closes another": "x = (1]\n",
  "a bracket that is never closed": "x = (1\n",
  "a string that is never closed": "x = 'a\n",
  "half an escape sequence": "x = '\\x4'\n",
  "bytes beside a string": "x = b'a' 'b'\n",
  "an empty replacement": "f'{}'\n",
  "a keyword as a name": "class = 1\n",
  "a name for a capture that is none": "match a:\n    case b as _: pass\n",
};

describe("Python's grammar", () => {
  for (const [what, text] of Object.entries(TAKEN))
    it(`has ${what}`, () => {
      assert.deepEqual(errorLines(text), []);
    });
  for (const [what, text] of Object.entries(REFUSED))
    it(`has not ${what}`, () => {
      assert.equal(errorLines(text).length, 1);
    });

  it("takes any number of blank lines and comments", () => {
    assert.deepEqual(errorLines("x = 1\n\n# %%\n".repeat(2_000)), []);
    assert.deepEqual(errorLines(`class A:\n${"    # c\n\n".repeat(2_000)}    x = 1\n`), []);
  });

  it("takes what is nested as deep as CPython does, and no deeper", () => {
    const nested = (depth: number): string => `x = ${"[".repeat(depth)}${"]".repeat(depth)}\n`;
    assert.deepEqual(errorLines(nested(200)), []);
    assert.deepEqual(errorLines(nested(201)), [1]);
    const blocks = (depth: number): string =>
      Array.from({ length: depth }, (_, level) => `${" ".repeat(level)}if x:\n`).join("") + `${" ".repeat(depth)}y\n`;
    assert.deepEqual(errorLines(blocks(99)), []);
    assert.notDeepEqual(errorLines(blocks(100)), []);
  });

  it("counts no brackets of strings and comments", () => {
    assert.deepEqual(errorLines(`x = "${"(".repeat(10_000)}"  # ${"[".repeat(10_000)}\n`), []);
  });

  it("gives with its targets, whether bracketed or not", () => {
    const items = (text: string): unknown => {
      const [statement] = parsePythonOnce("a.py", text).module.body;
      assert.ok(statement?.kind === "with");
      return statement.items.map(({ context, target }) => [context.kind, target?.kind ?? null]);
    };
    assert.deepEqual(items("with f() as (a, b), c as d.e: pass"), [
      ["call", "sequence"],
      ["name", "attribute"],
    ]);
    assert.deepEqual(items("with (f() as a, b): pass"), [
      ["call", "name"],
      ["name", null],
    ]);
    assert.deepEqual(items("with (a, b) as c: pass"), [["sequence", "name"]]);
  });

  it("gives a pattern the names that it binds", () => {
    const [statement] = parsePythonOnce(
      "a.py",
      "match x:\n    case A(b, c=[d, *e]) | {'f': g, **h} as i if j: pass\n    case _: pass\n",
    ).module.body;
    assert.ok(statement?.kind === "match");
    assert.deepEqual(
      statement.cases.map(({ captures }) => captures),
      [["b", "d", "e", "g", "h", "i"], []],
    );
  });

  it("says where async is a name, as it was until Python 3.6", () => {
    const old = parsePythonOnce("a.py", "import a\ny = y.cuda(async=True)\ndef f(x, async=False): return async\n");
    assert.deepEqual(old.syntaxErrors, []);
    assert.deepEqual(
      old.oldNames?.map(({ line }) => line),
      [2, 3],
    );
    assert.deepEqual(parsePythonOnce("a.py", "async def f(): pass\n").oldNames, []);
  });
});

describe("A text with syntax errors", () => {
  const kinds = (text: string): readonly Statement["kind"][] =>
    parsePythonOnce("a.py", text).module.body.map(({ kind }) => kind);

  it("keeps the statements around an error", () => {
    assert.deepEqual(kinds("a = 1\nb = = 2\nc = 3\n"), ["assign", "assign", "assign"]);
    assert.deepEqual(kinds("a = 1\nif b c:\n    d = 1\ne = 3\n"), ["assign", "unsupported", "assign"]);
    assert.deepEqual(kinds("x = [1,\n\ndef f():\n    pass\n"), ["assign", "function"]);
    assert.deepEqual(kinds("x = 1\n    y = 2\nz = 3\n"), ["assign", "assign", "assign"]);
  });
  it("keeps the block around an error", () => {
    const [statement] = parsePythonOnce("a.py", "class A:\n    x = 1\n    y = 2 3\n\n    def f(self): pass\n").module
      .body;
    assert.ok(statement?.kind === "class");
    assert.deepEqual(
      statement.body.map(({ kind }) => kind),
      ["assign", "unsupported", "function"],
    );
  });
  it("has one error for each line, and a hundred at most", () => {
    assert.deepEqual(errorLines("a b c d\ne = 1\n) )\n"), [1, 3]);
    assert.equal(errorLines("a b\n".repeat(500)).length, 100);
    const { body } = parsePython("a.py", "a b\n".repeat(500)).module;
    assert.deepEqual([body.at(-1)?.kind, body.at(-1)?.to], ["unsupported", 2_000]);
  });
});
