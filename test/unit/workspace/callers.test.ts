import { strict as assert } from "node:assert";
import { callersOf, type Listing } from "../../../engine/workspace/callers";

function disk(files: Readonly<Record<string, string>>): Listing {
  return {
    textOf: (path) => files[path] ?? null,
    namesIn: (folder) =>
      Object.keys(files).flatMap((path) =>
        path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes("/")
          ? [path.slice(folder.length + 1)]
          : [],
      ),
  };
}

describe("scripts that import a module", () => {
  const found = (files: Readonly<Record<string, string>>, path = "/p/nets/tower.py"): string[] =>
    callersOf(path, "/p", disk({ [path]: "", ...files })).map((file) => file.path);

  it("are looked for in its folder and in those around it, the nearest first", () => {
    const files = {
      "/p/train.py": "from nets.tower import Tower\n",
      "/p/nets/demo.py": "import tower as t\n",
      "/p/other.py": "from nets.other import Other\n",
      "/run.py": "from nets.tower import Tower\n",
    };
    assert.deepEqual(found(files), ["/p/nets/demo.py", "/p/train.py"]);
  });
  it("are those that name a package by its folder", () => {
    assert.deepEqual(found({ "/p/train.py": "from nets import Tower\n" }, "/p/nets/__init__.py"), ["/p/train.py"]);
  });
  it("are not looked for in a folder of very many files", () => {
    const many = Object.fromEntries(
      Array.from({ length: 70 }, (_, index) => [`/p/nets/a${index}.py`, "import tower\n"]),
    );
    assert.deepEqual(found({ ...many, "/p/train.py": "import nets.tower\n" }), ["/p/train.py"]);
  });
});
