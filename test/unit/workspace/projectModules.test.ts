/** Modules found aside are those that the disk has, and nothing is looked at on the way of whoever asks. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { KnownFiles } from "../../../engine/workspace/knownFiles";
import { createModuleResolver } from "../../../engine/workspace/moduleResolver";
import { ProjectModules } from "../../../engine/workspace/projectModules";

describe("The modules of a project", () => {
  let root = "";
  const write = (path: string, content: string | Uint8Array = `# ${path}`): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const request = (module: string, level = 0, from = "main.py") => ({ fromPath: join(root, from), module, level });

  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "normlens-project-"))));
  afterEach(() => rmSync(root, { recursive: true }));

  it("are none until they are loaded", async () => {
    write("models/resnet.py");
    const modules = new ProjectModules(root, new KnownFiles());
    assert.equal(modules.resolve(request("models.resnet")), null);
    assert.equal(modules.isWaiting, true);
    await modules.load();
    assert.equal(modules.isWaiting, false);
    assert.equal(modules.resolve(request("models.resnet"))?.text, "# models/resnet.py");
    assert.equal(modules.isWaiting, false);
  });

  it("are looked for once, whether they are there or not", async () => {
    const modules = new ProjectModules(root, new KnownFiles());
    modules.resolve(request("nowhere"));
    await modules.load();
    assert.equal(modules.resolve(request("nowhere")), null);
    assert.equal(modules.isWaiting, false);
  });

  it("are those of the disk, whatever the folders are", async () => {
    const name = fc.constantFrom("a", "b", "src");
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `${names.join("/")}.py`);
    const file = fc.oneof(
      path,
      path.map((text) => text.replace(/\w+\.py$/, "__init__.py")),
    );
    const asked = fc.record({
      from: path,
      module: fc.array(name, { maxLength: 3 }).map((names) => names.join(".")),
      level: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 6 }),
        fc.array(asked, { maxLength: 4 }),
        async (paths, questions) => {
          rmSync(root, { recursive: true });
          mkdirSync(root);
          for (const each of paths) write(each);
          const modules = new ProjectModules(root, new KnownFiles());
          const requests = questions.map(({ from, module, level }) => request(module, level, from));
          for (const each of requests) modules.resolve(each);
          await modules.load();
          assert.deepEqual(requests.map(modules.resolve), requests.map(createModuleResolver(root)));
          assert.equal(modules.isWaiting, false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("change with the file, which is forgotten when it changes, comes or goes", async () => {
    const files = new KnownFiles();
    const modules = new ProjectModules(root, files);
    const found = async (module: string): Promise<string | null> => {
      modules.resolve(request(module));
      await modules.load();
      return modules.resolve(request(module))?.text ?? null;
    };
    assert.equal(await found("pack.net"), null);
    write("pack/net.py", "first");
    assert.equal(files.forget(join(root, "pack/net.py")), true);
    assert.equal(await found("pack.net"), "first");
    write("pack/net.py", "second");
    assert.equal(files.forget(join(root, "pack/net.py")), true);
    assert.equal(await found("pack.net"), "second");
    rmSync(join(root, "pack/net.py"));
    files.forget(join(root, "pack/net.py"));
    assert.equal(await found("pack.net"), null);
    assert.equal(files.forget(join(root, "other.py")), false);
  });

  it("are not read where they lead out of the project, are too large or are not UTF-8", async () => {
    const outside = mkdtempSync(join(tmpdir(), "normlens-outside-"));
    writeFileSync(join(outside, "secret.py"), "x = 1");
    symlinkSync(join(outside, "secret.py"), join(root, "linked.py"));
    write("large.py", "#".repeat(3 * 1024 * 1024));
    write("latin.py", Buffer.from("# caf\u00e9", "latin1"));
    const modules = new ProjectModules(root, new KnownFiles());
    const names = ["linked", "large", "latin"];
    for (const each of names) modules.resolve(request(each));
    await modules.load();
    assert.deepEqual(
      names.map((each) => modules.resolve(request(each))),
      [null, null, null],
    );
    rmSync(outside, { recursive: true });
  });
});
