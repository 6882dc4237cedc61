/** Python that is written seldom hides no finding, and moves none to another line. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatLint } from "../../../engine/cli/lint/formats";
import { lintFile } from "../../../engine/cli/lint/lintFile";
import { plain } from "../../../engine/cli/terminal";
import { lintSource } from "../../../engine/findings/lintSource";
import { readModelFile } from "../../../engine/source/readModel";

const MODEL = "import torch.nn as nn\nnet = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())\n";

const BEFORE: Readonly<Record<string, string>> = {
  "hundreds of cells, blank lines and comments": "# %% [markdown]\n# Words\n\n# %%\nx = 1\n\n".repeat(200),
  "a print of its own": "from functools import partial\nprint = partial(print, flush=True)\n",
  "a backslash before a blank line": "def f(a):\n    return a + \\\n        1\\\n\n",
  "a form feed": "x = 1\n\f\n",
  "line ends of Windows and a carriage return alone": "x = 1\r\ny = 2\r",
  "contexts in brackets": "with (open('a') as a, open('b') as b):\n    x = 1\n",
  "a context's tuple": "with f() as (a, b), g() as h.i:\n    pass\n",
  "decorators with subscripts": "@table[0].method\ndef f(): pass\n",
};

describe("A finding below", () => {
  for (const [what, text] of Object.entries(BEFORE))
    it(what, () => {
      const { unread, note, findings } = lintSource("model.py", text + MODEL);
      assert.deepEqual([unread, note], [null, null]);
      const lines = (text + MODEL).split(/\r\n|\n|\r/).length - 1;
      assert.deepEqual(
        findings.map(({ rule, range }) => [rule, range.startLine]),
        [["bias-before-norm", lines]],
      );
    });

  it("contexts that are given to a tuple's names is found in their block", () => {
    const { unread, findings } = lintSource("model.py", `with f() as (a, b):\n    ${MODEL.replace("\n", "\n    ")}`);
    assert.equal(unread, null);
    assert.deepEqual(
      findings.map(({ range }) => range.startLine),
      [3],
    );
  });
});

describe("A file of Python 3.6", () => {
  const text = `${MODEL}def step(batch):\n    return net(batch.cuda(async=True))\n`;

  it("is read, with a note of where it is old", () => {
    const { unread, note, findings } = lintSource("model.py", text);
    assert.equal(unread, null);
    assert.match(note ?? "", /^Line 4 has async as a name, .* 3\.6\./);
    assert.equal(findings.length, 1);
  });

  it("has its note in every format", () => {
    const folder = mkdtempSync(join(tmpdir(), "normlens-old-"));
    try {
      const path = join(folder, "old.py");
      writeFileSync(path, text);
      const file = lintFile(path);
      assert.match(formatLint([file], "text", plain), /old\.py: note: Line 4 has async/);
      assert.match(formatLint([file], "json", plain), /"note":"Line 4 has async/);
      assert.match(formatLint([file], "sarif", plain), /"level":"note","message":\{"text":"Line 4 has async/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("A file with an error inside the lists of a dict", () => {
  it("is unread, and nothing is thrown", () => {
    for (const list of ["[64, 51 512, 'M']", "[64, 51 512", "[, 64]", "(64 128)", "{64: 51 512}"]) {
      const text = `cfg = {\n    'A': ${list},\n}\n`;
      assert.match(lintSource("config.py", text).unread ?? "", /^Line [23] can't be parsed/);
      assert.equal(readModelFile({ path: "config.py", text }).problems[0]?.code, "syntax-error");
    }
  });
});
