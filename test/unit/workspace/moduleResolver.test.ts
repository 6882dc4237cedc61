import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readModelFile } from "../../../engine/source/readModel";
import { createModuleResolver } from "../../../engine/workspace/moduleResolver";
import { python } from "../support/python";

describe("Modules of a workspace", () => {
  let folder = "";
  let root = "";
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const found = (fromPath: string, module: string, level = 0, addedFolders: readonly string[] = []): string | null =>
    createModuleResolver(root)({ fromPath, module, level, addedFolders })?.path ?? null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-modules-"));
    root = join(folder, "root");
    for (const path of ["main.py", "models/__init__.py", "models/resnet.py", "models/deep/net.py", "plain/unet.py"])
      write(`root/${path}`, `# ${path}`);
    write("outside.py", "secret = 1");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("are files, packages, and files in folders without __init__.py", () => {
    assert.equal(found("main.py", "models"), "models/__init__.py");
    assert.equal(found("main.py", "models.resnet"), "models/resnet.py");
    assert.equal(found("main.py", "plain.unet"), "plain/unet.py");
    assert.equal(found("main.py", "plain"), null);
    assert.equal(
      createModuleResolver(root)({ fromPath: "main.py", module: "models", level: 0 })?.text,
      "# models/__init__.py",
    );
  });
  it("are libraries to each other where they are installed", () => {
    for (const path of ["nets/__init__.py", "nets/blocks.py", "patterns/__init__.py"])
      write(`site-packages/${path}`, `# ${path}`);
    root = join(folder, "site-packages");
    assert.equal(found("nets/__init__.py", "nets.blocks"), "nets/blocks.py");
    assert.equal(found("nets/__init__.py", "patterns"), null);
  });
  it("are found relative to the importing file", () => {
    assert.equal(found("models/resnet.py", "", 1), "models/__init__.py");
    assert.equal(found("models/deep/net.py", "resnet", 2), "models/resnet.py");
    assert.equal(found("models/deep/net.py", "resnet", 1), null);
  });
  it("are found from a folder above, up to the root", () => {
    assert.equal(found("models/deep/net.py", "models.resnet"), "models/resnet.py");
    assert.equal(found("main.py", "outside"), null);
    assert.equal(found("main.py", "outside", 2), null);
    assert.equal(found("../outside.py", "outside"), null);
  });
  it("have the form of the path that asks", () => {
    assert.equal(found(join(root, "main.py"), "models.resnet"), join(root, "models", "resnet.py"));
  });
  it("are not guessed where Python's choice depends on the script", () => {
    write("root/utils.py", "");
    write("root/plain/utils.py", "");
    assert.equal(found("plain/unet.py", "utils"), null);
    assert.equal(found("main.py", "utils"), "utils.py");
  });
  it("are outside of a package that has one of the same name, since scripts are", () => {
    write("root/utils.py", "");
    write("root/models/utils/__init__.py", "");
    write("root/models/blocks.py", "");
    assert.equal(found("models/resnet.py", "utils"), "utils.py");
    assert.equal(found("models/resnet.py", "blocks"), "models/blocks.py");
    write("root/plain/models/__init__.py", "");
    write("root/plain/models/net.py", "");
    write("root/plain/models/utils.py", "");
    write("root/plain/utils.py", "");
    assert.equal(found("plain/models/net.py", "utils"), null);
  });
  it("are beside a package's own file that imports the package's name, as Python 2 has it", () => {
    write("root/config/__init__.py", "from config import *");
    write("root/config/config.py", "");
    assert.equal(found("config/__init__.py", "config"), "config/config.py");
    assert.equal(found("main.py", "config.config"), "config/config.py");
  });
  it("are in folders that the file adds to sys.path, where none of the usual ones has them", () => {
    assert.equal(found("main.py", "unet"), null);
    assert.equal(found("main.py", "unet", 0, ["plain"]), "plain/unet.py");
    assert.equal(found("models/resnet.py", "unet", 0, ["../plain"]), "plain/unet.py");
    assert.equal(found("main.py", "outside", 0, [".."]), null);
    assert.equal(found("main.py", "models", 0, ["models/deep"]), "models/__init__.py");
    write("root/models/plain/unet.py", "");
    assert.equal(found("models/resnet.py", "unet", 0, ["plain"]), null);
  });
  it("are not read through links that lead out of the root", function () {
    try {
      symlinkSync(join(folder, "outside.py"), join(root, "linked.py"));
      symlinkSync(join(root, "models"), join(root, "inner"), "dir");
      symlinkSync(folder, join(root, "up"), "dir");
    } catch {
      this.skip();
    }
    assert.equal(found("main.py", "linked"), null);
    assert.equal(found("main.py", "up.outside"), null);
    assert.equal(found("main.py", "inner.resnet"), "inner/resnet.py");
  });
  it("are text in UTF-8 of a size that people write", () => {
    write("root/latin.py", new Uint8Array([0x23, 0xe9]));
    write("root/large.py", new Uint8Array(2 * 1024 * 1024 + 1).fill(0x23));
    assert.equal(found("main.py", "latin"), null);
    assert.equal(found("main.py", "large"), null);
  });
  it("have names and not paths", () => {
    for (const module of ["..outside", "models/resnet", "models..resnet", "/etc/passwd", "C:"])
      assert.equal(found("main.py", module), null);
  });
  it("make a model that spans files readable", () => {
    write(
      "root/models/resnet.py",
      python`
        import torch.nn as nn
        class Block(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.c = nn.Linear(n, n)
            def forward(self, x):
                return self.c(x)
      `,
    );
    const text = python`
      from models.resnet import Block
      model = Block(4)
    `;
    const reading = readModelFile({ path: "main.py", text, resolveModule: createModuleResolver(root) });
    assert.equal(reading.graph?.parameters, 20);
    assert.deepEqual(reading.importedFiles, ["models/resnet.py"]);
  });
});
