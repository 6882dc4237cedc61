import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { CommandLine, type Json, MNIST_MLP } from "./commandLine";

describe("normlens inspect", () => {
  const cli = new CommandLine();

  it("prints one JSON document", () => {
    const { code, out, errors } = cli.run("inspect", MNIST_MLP, "--json");
    assert.deepEqual([code, errors], [0, ""]);
    const inspection = JSON.parse(out) as Json;
    assert.deepEqual(Object.keys(inspection), [
      "model",
      "framework",
      "parameters",
      "isWhole",
      "assumed",
      "layers",
      "batchNorms",
      "findings",
      "unknowns",
    ]);
    assert.equal(inspection["parameters"], 100_310);
    const [first] = inspection["batchNorms"] as [Json];
    assert.deepEqual(first, { name: "bn1", numFeatures: 100, eps: 1e-5, momentum: 0.1, line: first["line"] });
    assert.equal(typeof first["line"], "number");
  });

  it("prints a table for people", () => {
    const { code, out } = cli.run("inspect", MNIST_MLP);
    assert.equal(code, 0);
    assert.match(out, /^bn1 +BatchNorm1d +100 +200 +\d+$/m);
  });

  it("has the findings of the file", () => {
    assert.equal(cli.runJson("inspect", cli.fixture("bad.py"), "--input", "3x8x8")["findings"].length, 2);
  });

  it("shows the variant that annotations describe", () => {
    const inspection = cli.runJson("inspect", cli.writeWithoutBn("without.py"));
    assert.deepEqual([inspection["batchNorms"], inspection["parameters"]], [[], 100_310 - 600]);
  });

  it("reads what a model file imports from the files beside it, and names what it can't find", () => {
    cli.fixture("blocks.py");
    const inspection = cli.runJson("inspect", cli.fixture("imports_blocks.py"));
    assert.equal(inspection["parameters"], 8 * 16 + 16 + 32 + 16 * 4 + 4);
    assert.deepEqual(
      (inspection["batchNorms"] as Json[]).map(({ name }) => String(name)),
      ["0.1"],
    );
    rmSync(join(cli.folder, "blocks.py"));
    const unknown = cli.runJson("inspect", "imports_blocks.py");
    assert.equal(unknown["parameters"], null);
    assert.match(JSON.stringify(unknown["unknowns"]), /blocks/);
  });

  it("shows the lines of a notebook by cell, and in JSON as lines of the joined cells", () => {
    cli.fixture("model.ipynb");
    assert.match(cli.run("inspect", "model.ipynb").out, /BatchNorm2d .* cell 3 line 2\n/);
    assert.equal(cli.runJson("inspect", "model.ipynb")["batchNorms"][0].line, 4);
  });

  it("ends with 1 for a file that can't be read, and names it", () => {
    const checkUnread = (name: string, words: RegExp): void => {
      const { code, out, errors } = cli.run("inspect", name);
      assert.deepEqual([code, out], [1, ""]);
      assert.ok(errors.startsWith(`normlens: ${name} `), errors);
      assert.match(errors, words);
    };
    checkUnread("nowhere.py", /ENOENT/);
    checkUnread(cli.fixture("broken.ipynb"), /JSON/);
    checkUnread(cli.fixture("empty.py"), /no model/);
    checkUnread(cli.write("latin.py", Buffer.from("# caf\xe9\n", "latin1")), /UTF-8/);
    checkUnread(cli.write("large.py", "x = 1\n".repeat(70_000)), /70001 lines/);
  });
});
