/** Files of a program: asked for once, parsed once, and refused by name where they can't be read. */
import { strict as assert } from "node:assert";
import { Program } from "../../../engine/python/program";
import type { ModuleRequest, ModuleSource } from "../../../engine/python/resolveModule";

const LIMITS = { files: 3, characters: 1_000 };

function program(files: Readonly<Record<string, string>>): { program: Program; asked: string[] } {
  const asked: string[] = [];
  const resolve = ({ module }: { readonly module: string }): ModuleSource | null => {
    asked.push(module);
    const text = files[module];
    return text === undefined ? null : { path: `${module}.py`, text };
  };
  return { program: new Program(resolve, LIMITS), asked };
}

const named = (module: string): ModuleRequest => ({ fromPath: "main.py", module, level: 0 });

describe("a program", () => {
  it("asks for each module once, there or not", () => {
    const { program: made, asked } = program({ a: "x = 1\n" });
    for (let round = 0; round < 2; round++) {
      assert.equal(made.source(named("a"))?.path, "a.py");
      assert.equal(made.source(named("b")), null);
    }
    assert.deepEqual(asked, ["a", "b"]);
    assert.equal(new Program(null, LIMITS).source(named("a")), null);
  });

  it("finds a module in a folder that another file adds for this one", () => {
    const files: Readonly<Record<string, string>> = {
      _init_paths: 'import sys\nsys.path.insert(0, "../lib")\n',
      other_paths: "import sys\n",
    };
    const made = new Program(({ module, addedFolders = [] }) => {
      const text = module === "nets" && addedFolders.includes("../lib") ? "x = 1" : files[module];
      return text === undefined ? null : { path: `${module}.py`, text };
    }, LIMITS);
    const asked = (pathModules: readonly string[]) =>
      made.source({ ...named("nets"), fromPath: String(pathModules), pathModules });
    assert.equal(asked([]), null);
    assert.equal(asked(["other_paths"]), null);
    assert.equal(asked(["missing_paths", "_init_paths"])?.path, "nets.py");
  });

  it("parses each file once", () => {
    const { program: made } = program({});
    const source = { path: "a.py", text: "x = 1\n" };
    const file = made.file(source);
    assert.equal(file.kind, "file");
    assert.equal(made.file(source), file);
  });

  it("says why a file can't be read", () => {
    const { program: made } = program({});
    const kinds = [
      made.file({ path: "broken.py", text: "def (\n" }),
      made.file({ path: "binary.py", text: "\0" }),
      made.file({ path: "long.py", text: "#".repeat(2_000) }),
    ].map((file) => (file.kind === "syntax-error" ? `${file.kind} in line ${file.at.line}` : file.kind));
    assert.deepEqual(kinds, ["syntax-error in line 1", "not-text", "too-long-together"]);
  });

  it("reads no more files than it may", () => {
    const { program: made } = program({});
    const kinds = ["a", "b", "c", "d"].map((name) => made.file({ path: `${name}.py`, text: "x = 1\n" }).kind);
    assert.deepEqual(kinds, ["file", "file", "file", "too-many-files"]);
  });
});
