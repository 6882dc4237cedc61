import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readModelFile } from "../../../engine/source/readModel";
import { createModuleResolver } from "../../../engine/workspace/moduleResolver";
import { projectRoot, projectRootWithin } from "../../../engine/workspace/projectRoot";
import { python } from "../support/python";

describe("The project of a file", () => {
  const disk =
    (...paths: readonly string[]) =>
    (path: string): boolean =>
      paths.includes(path);
  const check = (expected: string, file: string, ...paths: readonly string[]): void =>
    assert.equal(projectRoot(file, disk(...paths)), expected);

  it("is the nearest folder with a mark of a project", () => {
    for (const mark of [".git", "pyproject.toml", "setup.py", "setup.cfg"])
      check("/home/net", "/home/net/models/blocks/a.py", `/home/net/${mark}`);
    check("/home/net/sub", "/home/net/sub/a.py", "/home/net/.git", "/home/net/sub/pyproject.toml");
    check("/home/net", "/home/net/a.py", "/home/net/.git", "/home/net/sub/pyproject.toml");
    check("/", "/home/a.py", "/.git");
  });

  it("is the folder of installed packages for each of them, wherever that lies", () => {
    const packages = "/home/net/venv/lib/python3.12/site-packages";
    check(packages, `${packages}/blocks/a.py`, "/home/net/.git", `${packages}/blocks/__init__.py`);
    assert.equal(projectRootWithin("/home/net", `${packages}/a.py`, disk("/home/net/.git")), packages);
  });

  it("is the folder around the topmost package where nothing is marked", () => {
    const chain = ["/home/net/__init__.py", "/home/net/models/__init__.py"];
    check("/home", "/home/net/models/a.py", ...chain);
    check("/home/net/plain", "/home/net/plain/a.py", ...chain);
    check("/", "/net/a.py", "/net/__init__.py");
    check("/", "/a.py", "/__init__.py");
  });

  it("is the folder with what projects mostly have, where nothing is marked", () => {
    check("/home/net", "/home/net/scripts/a.py", "/home/net/LICENSE", "/home/net/scripts/README.md");
    check("/home/net", "/home/net/scripts/a.py", "/home/net/README.md");
    check("/home/net", "/home/net/scripts/a.py", "/home/net/requirements.txt", "/home/README.md");
    check("/home/net/sub", "/home/net/sub/a.py", "/home/net/sub/setup.py", "/home/net/LICENSE");
    check("/home", "/home/net/a.py", "/home/net/__init__.py", "/home/net/LICENSE");
  });

  it("is the file's own folder where there is neither", () => {
    check("/home/net", "/home/net/a.py");
    check("/", "/a.py");
  });

  it("never lies outside of a folder that was opened, which is a project itself", () => {
    const within = (...paths: readonly string[]): string =>
      projectRootWithin("/home/net", "/home/net/sub/a.py", disk(...paths));
    assert.equal(within("/home/.git"), "/home/net");
    assert.equal(within("/home/net/.git", "/home/net/sub/setup.py"), "/home/net/sub");
    assert.equal(within("/home/net/.git", "/home/.git"), "/home/net");
    assert.equal(projectRootWithin("/", "/home/a.py", disk()), "/");
  });
});

describe("Imports of a project on the disk", () => {
  let folder = "";
  const write = (path: string, text = ""): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  /** What `module` is for a file, below the temporary folder. */
  const found = (path: string, module: string): string | null =>
    createModuleResolver(projectRoot(path))({ fromPath: path, module, level: 0 })?.path.slice(folder.length + 1) ??
    null;

  beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), "normlens-project-")))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("reach the packages of the project, and none of a project around it", () => {
    write("outer/.git");
    write("outer/layers.py");
    write("outer/inner/setup.cfg");
    write("outer/inner/nets/blocks.py");
    const file = write("outer/inner/tools/train.py");
    assert.equal(found(file, "nets.blocks"), "outer/inner/nets/blocks.py");
    assert.equal(found(file, "layers"), null);
    assert.equal(found(write("outer/other/train.py"), "layers"), "outer/layers.py");
  });

  it("find a package in src from everywhere, unless one lies nearer", () => {
    write("p/pyproject.toml");
    write("p/src/net/__init__.py");
    const blocks = write("p/src/net/blocks.py");
    write("p/src/utils.py");
    write("p/tools/utils.py");
    assert.equal(found(write("p/tests/test_net.py"), "net.blocks"), "p/src/net/blocks.py");
    assert.equal(found(blocks, "net.blocks"), "p/src/net/blocks.py");
    assert.equal(found(write("p/tools/train.py"), "utils"), "p/tools/utils.py");
    assert.equal(found(write("p/train.py"), "utils"), "p/src/utils.py");
  });

  it("reach the packages around a package without a project", () => {
    write("net/__init__.py");
    write("net/models/__init__.py");
    write("net/blocks.py");
    assert.equal(found(write("net/models/a.py"), "net.blocks"), "net/blocks.py");
    assert.equal(found(write("scripts/a.py"), "net.blocks"), null);
  });

  it("follow a link to the project, and none out of it", function () {
    write("p/.git");
    write("p/net/blocks.py");
    write("elsewhere/secret.py");
    try {
      symlinkSync(join(folder, "p"), join(folder, "link"), "dir");
      symlinkSync(join(folder, "elsewhere"), join(folder, "p", "src"), "dir");
    } catch {
      this.skip();
    }
    write("p/tools/train.py");
    assert.equal(found(join(folder, "link", "tools", "train.py"), "net.blocks"), "link/net/blocks.py");
    assert.equal(found(join(folder, "p", "tools", "train.py"), "secret"), null);
  });

  it("make a model known", () => {
    write("p/.git");
    write(
      "p/src/net/blocks.py",
      python`
      import torch.nn as nn
      def bn():
          return nn.BatchNorm2d(8)
    `,
    );
    const text = python`
      from net.blocks import bn
      model = bn()
    `;
    const path = write("p/train.py", text);
    const reading = readModelFile({ path, text, resolveModule: createModuleResolver(projectRoot(path)) });
    assert.equal(reading.unknowns.length, 0);
  });
});
