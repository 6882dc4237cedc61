import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { lint as lintPaths } from "../../../engine/cli/lintCommand";
import { UsageError } from "../../../engine/cli/usageError";
import { findingsFromReading } from "../../../engine/findings/findingsFromReading";
import { lintSource } from "../../../engine/findings/lintSource";
import { ruleDescription, runRules, sourceRules } from "../../../engine/findings/rules";
import { readModelFile } from "../../../engine/source/readModel";
import { assertWellFormed, findings, rulesAt } from "./helpers";
import { python } from "../support/python";

const BIASED = python`
  import torch.nn as nn
  model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
`;
const POOLED = python`
  import torch.nn as nn
  model = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(8), nn.ReLU())
`;
const CLEAN = python`
    import torch.nn as nn
    model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
  `;

/** A JSON document read back: the test asserts what its fields contain. */
type Json = Record<string, never>;

describe("normlens lint", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-lint-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(name: string, text: string | Uint8Array): string {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** The command's exit code and what it printed. */
  const lint = (...paths: string[]): Promise<{ code: number; out: string }> => lintAs("text", paths);

  async function lintAs(
    format: "text" | "json" | "sarif",
    paths: readonly string[],
  ): Promise<{ code: number; out: string }> {
    const original = process.stdout.write.bind(process.stdout);
    let out = "";
    process.stdout.write = (text: string | Uint8Array) => {
      out += String(text);
      return true;
    };
    try {
      const code = await lintPaths(paths, { format });
      return { code, out };
    } finally {
      process.stdout.write = original;
    }
  }

  const lintJson = async (
    ...paths: string[]
  ): Promise<{ files: { path: string; unread: string | null; findings: Json[] }[] }> =>
    JSON.parse((await lintAs("json", paths)).out) as Awaited<ReturnType<typeof lintJson>>;

  it("says path, line, column, severity, rule, verdict and what to do", async () => {
    const { code, out } = await lint(write("model.py", BIASED));
    assert.equal(code, 1);
    assert.match(out, /model\.py:2:23 warning bias-before-norm: The bias of layer 0 \(Conv2d\) .* Pass bias=False/);
    assert.match(out, /\n0 errors, 1 warning, 0 information in 1 file\.\n$/);
  });
  it("prints exactly the documented JSON", async () => {
    const path = write("model.py", BIASED);
    const printed = await lintJson(path);
    assert.deepEqual(Object.keys(printed), ["files"]);
    assert.deepEqual(Object.keys(printed.files[0]!), ["path", "unread", "partial", "note", "findings"]);
    assert.deepEqual(Object.keys(printed.files[0]!.findings[0]!), [
      "rule",
      "severity",
      "line",
      "column",
      "verdict",
      "evidence",
      "next",
    ]);
    const { rule, severity, line, column } = printed.files[0]!.findings[0]!;
    assert.deepEqual(
      [printed.files[0]!.path, printed.files[0]!.unread, rule, severity, line, column],
      [path, null, "bias-before-norm", "warning", 2, 23],
    );
  });
  it("reads a notebook without the cells that its kernel refuses, and says so", async () => {
    const cells = [BIASED, "x = = 1", "print 'x'"].map((source) => ({ cell_type: "code", source, metadata: {} }));
    const metadata = { kernelspec: { name: "python3" } };
    const path = write("a.ipynb", JSON.stringify({ nbformat: 4, metadata, cells }));
    assert.match(
      (await lint(path)).out,
      /read in part: Cell 2 line 1 can't be parsed as Python 3, so that cell and 1 other were left out\.\n.*a\.ipynb:cell 1:2:23 warning/,
    );
  });
  it("ends with 0 when nothing is worse than information", async () => {
    assert.equal((await lint(write("clean.py", CLEAN))).code, 0);
    const { code, out } = await lint(write("pooled.py", POOLED));
    assert.deepEqual([code, out.includes("information single-value-per-channel")], [0, true]);
  });
  it("refuses a path that does not exist", async () => {
    await assert.rejects(() => lint(write("model.py", CLEAN), join(folder, "missing.py")), UsageError);
  });
  it("walks folders, and passes by what is not the project's own", async () => {
    write("a/model.py", CLEAN);
    write("b.py", CLEAN);
    write("notes.txt", "");
    for (const name of [".git", "node_modules", "venv", ".venv", "__pycache__", ".normlens"])
      write(`${name}/other.py`, BIASED);
    symlinkSync(folder, join(folder, "a", "loop"));
    symlinkSync(join(folder, "b.py"), join(folder, "link.py"));
    assert.deepEqual((await lintJson(folder)).files.map(({ path }) => path.slice(folder.length + 1)).sort(), [
      join("a", "model.py"),
      "b.py",
    ]);
  });
  it("looks at a file once, and at a named file whatever it is called", async () => {
    const path = write("model.txt", BIASED);
    assert.deepEqual(
      (await lintJson(path, path)).files.map((file) => file.findings.length),
      [1],
    );
  });
  it("never counts as clean what it could not read", async () => {
    const unread = async (name: string, text: string | Uint8Array): Promise<string | null> =>
      (await lintJson(write(name, text))).files[0]!.unread;
    assert.match((await unread("python2.py", 'print "hello"\n')) ?? "", /Line 1/);
    for (const text of ["print x, y\n", "if a <> b:\n    pass\n", "mode = 0777\n", 'raise E, "x"\n'])
      assert.match((await unread("python2.py", text)) ?? "", /Line 1/, text);
    assert.match((await unread("binary.py", new Uint8Array([0xff, 0xfe, 0x00, 0xd8]))) ?? "", /UTF-8/);
    assert.match((await unread("large.py", `#${"x".repeat(2 * 1024 * 1024)}\n`)) ?? "", /2 MB/);
    assert.equal(
      await unread(
        "train.py",
        python`
      import os
      print(os.getcwd())
    `,
      ),
      null,
    );
    assert.match((await lint(folder)).out, /python2\.py: not read: .*\n(.*\n)*.*; 3 not read\.\n$/);
  });

  describe("as SARIF", () => {
    interface Sarif {
      version: string;
      $schema: string;
      runs: {
        tool: { driver: { name: string; rules: { id: string; shortDescription: { text: string } }[] } };
        invocations: {
          executionSuccessful: boolean;
          toolExecutionNotifications: { level: string; message: { text: string } }[];
        }[];
        results: {
          ruleId: string;
          ruleIndex: number;
          level: string;
          message: { text: string };
          locations: { physicalLocation: { artifactLocation: { uri: string }; region: Record<string, number> } }[];
        }[];
      }[];
    }
    const sarif = async (...paths: string[]): Promise<Sarif> => JSON.parse((await lintAs("sarif", paths)).out) as Sarif;

    it("has what the schema requires", async () => {
      const path = write("my model.py", BIASED);
      const log = await sarif(path);
      assert.equal(log.version, "2.1.0");
      const [run] = log.runs;
      assert.ok(run);
      assert.equal(run.tool.driver.name, "NormLens");
      assert.deepEqual(
        run.tool.driver.rules.map(({ id }) => id),
        sourceRules.map(({ id }) => id),
      );
      const [result] = run.results;
      assert.ok(result);
      assert.equal(run.tool.driver.rules[result.ruleIndex]?.id, result.ruleId);
      assert.deepEqual(
        [result.ruleId, result.level, result.message.text.length > 0],
        ["bias-before-norm", "warning", true],
      );
      const { artifactLocation, region } = result.locations[0]!.physicalLocation;
      assert.equal(artifactLocation.uri, pathToFileURL(path).href);
      assert.deepEqual(region, { startLine: 2, startColumn: 23, endLine: 2, endColumn: 41 });
      for (const value of Object.values(region)) assert.ok(value >= 1);
    });
    it("calls information a note, and says what it could not read", async () => {
      assert.equal((await sarif(write("pooled.py", POOLED))).runs[0]!.results[0]!.level, "note");
      const [invocation] = (await sarif(write("broken.py", "def\n"))).runs[0]!.invocations;
      assert.deepEqual(
        [invocation?.executionSuccessful, invocation?.toolExecutionNotifications[0]?.level],
        [true, "error"],
      );
    });
    it("has a run without results for nothing", async () => {
      assert.deepEqual((await sarif(folder)).runs[0]!.results, []);
    });
  });
});

describe("Findings of a file", () => {
  it("look at every model that can be built, and say a thing once", () => {
    const block = python`
        class Block(nn.Module):
            def __init__(self, w=8):
                super().__init__()
                self.net = nn.Sequential(nn.Conv2d(3, w, 3), nn.BatchNorm2d(w), nn.ReLU())
            def forward(self, x):
                return self.net(x)
      `;
    const other = python`
        class Other(nn.Module):
            def __init__(self):
                super().__init__()
                self.block = Block()
                self.bn = nn.BatchNorm2d(8, 0.8)
            def forward(self, x):
                return F.relu(self.bn(self.block(x)))
        class Third(nn.Module):
            def __init__(self):
                super().__init__()
                self.bn = nn.BatchNorm2d(8, momentum=0.99)
            def forward(self, x):
                return F.relu(self.bn(x))
      `;
    assert.deepEqual(rulesAt(block + other), [
      "bias-before-norm 4",
      "eps-looks-like-momentum 11",
      "momentum-inverted 17",
    ]);
  });
  it("are silenced by a comment on a line of the layer, for the rules it names", () => {
    const line = (comment: string): string =>
      `model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, 0.8), nn.ReLU())  ${comment}\n`;
    assert.deepEqual(rulesAt(line("# normlens-ignore: bias-before-norm")), ["eps-looks-like-momentum 1"]);
    assert.deepEqual(rulesAt(line("# normlens-ignore: bias-before-norm, eps-looks-like-momentum")), []);
    assert.deepEqual(rulesAt(line("# checked  # normlens-ignore: eps-looks-like-momentum,bias-before-norm")), []);
    assert.equal(rulesAt(line("# normlens-ignore: norm-shared")).length, 2);
    assert.equal(rulesAt(line('# see "# normlens-ignore: bias-before-norm"')).length, 2);
    const wide = python`
        model = nn.Sequential(
            nn.Conv2d(
                3, 8, 3,  # normlens-ignore: bias-before-norm
            ),
            nn.BatchNorm2d(8),
            nn.ReLU(),
        )
      `;
    assert.deepEqual(rulesAt(wide), []);
  });
  it("do not disturb the annotations", () => {
    const reading = readModelFile({
      path: "model.py",
      text: CLEAN.replace("nn.ReLU())", "nn.ReLU())  # normlens-ignore: norm-shared"),
    });
    assert.deepEqual([reading.annotations, reading.annotationIssues], [[], []]);
  });
  it("take other severities", () => {
    const text = "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())\n";
    assert.deepEqual(rulesAt(text, { severities: { "bias-before-norm": "off" } }), []);
    assert.deepEqual(
      findings(text, { severities: { "bias-before-norm": "error", "norm-shared": "off" } }).map(
        ({ severity }) => severity,
      ),
      ["error"],
    );
  });
  it("are none while the file does not parse", () => {
    const text = `${BIASED}def broken(:\n`;
    assert.deepEqual(findingsFromReading(readModelFile({ path: "model.py", text })), []);
    assert.notEqual(lintSource("model.py", text).unread, null);
  });
  it("come for hundreds of layers in a forward that is not followed to its end", () => {
    const each = (line: (index: number) => string): string =>
      Array.from({ length: 300 }, (_, index) => line(index)).join("");
    const init = each(
      (index) => `        self.conv${index} = nn.Conv2d(4, 4, 1)\n        self.bn${index} = nn.BatchNorm2d(4)\n`,
    );
    const forward = each((index) => `        x = self.conv${index}(x)\n        x = self.bn${index}(x)\n`);
    const text = python`
      class Net(nn.Module):
          def __init__(self):
              super().__init__()
      ${init}    def forward(self, x):
      ${forward}        return mystery(x)
    `;
    assert.equal(findings(text).length, 300);
  });
  it("survive any prefix of a file", () => {
    const text = readFileSync("examples/typical_mistakes.py", "utf8");
    for (let end = 0; end < text.length; end += 97) lintSource("model.py", text.slice(0, end));
  });
});

describe("The examples", () => {
  const rulesOf = (name: string): string[] => {
    const { unread, findings: found } = lintSource(name, readFileSync(join("examples", name), "utf8"));
    assert.equal(unread, null);
    found.forEach(assertWellFormed);
    return found.map(({ rule, layer }) => `${rule} ${layer ?? ""}`);
  };
  it("mnist_mlp.py has a bias before each of its three normalizations", () => {
    assert.deepEqual(rulesOf("mnist_mlp.py"), ["bias-before-norm fc1", "bias-before-norm fc2", "bias-before-norm fc3"]);
  });
  it("small_cnn.py has none", () => {
    assert.deepEqual(rulesOf("small_cnn.py"), []);
  });
  it("typical_mistakes.py has its mistakes", () => {
    assert.deepEqual(rulesOf("typical_mistakes.py"), [
      "bias-before-norm conv1",
      "eps-looks-like-momentum bn1",
      "momentum-inverted bn2",
      "norm-unused bn4",
    ]);
  });
  it("typical_mistakes.py also drops out before a normalization where its annotation is taken away", () => {
    const text = readFileSync("examples/typical_mistakes.py", "utf8").replace(/ {2}# normlens: remove/, "");
    assert.ok(
      lintSource("model.py", text).findings.some(
        ({ rule, layer }) => rule === "dropout-before-norm" && layer === "dropout",
      ),
    );
  });
});

describe("The rules", () => {
  it("each have a page, and no page is without a rule", () => {
    assert.deepEqual(
      readdirSync("docs/rules").sort(),
      [...sourceRules, ...runRules].map(({ id }) => `${id}.md`).sort(),
    );
    for (const { id, docs } of [...sourceRules, ...runRules])
      assert.match(readFileSync(docs, "utf8"), new RegExp(`^# \`${id}\`\n`));
  });
  it("are found by their id", () => {
    assert.equal(ruleDescription("norm-shared")?.severity, "warning");
    assert.equal(ruleDescription("no-such-rule"), null);
  });
});
