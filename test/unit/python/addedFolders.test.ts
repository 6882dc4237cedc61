import { strict as assert } from "node:assert";
import { addedFolders, requestFrom } from "../../../engine/python/addedFolders";
import { parsePython } from "../../../engine/python/parse";

const added = (text: string): readonly string[] => addedFolders(parsePython("train.py", text));

describe("Folders that a file adds to sys.path", () => {
  for (const [text, folders] of [
    ['sys.path.append("core")', ["core"]],
    ['sys.path.insert(0, "./lib")', ["lib"]],
    ['sys.path.append(os.path.join(ROOT, "models"))', ["models"]],
    ['sys.path.append(os.path.join(os.path.dirname(__file__), "..", "lib"))', ["../lib"]],
    ['sys.path.append(ROOT + "/models")', ["models"]],
    ['sys.path.append(str(Path(__file__).parent / "src" / "nets"))', ["src/nets"]],
    ['sys.path.extend(["a", "b"])', ["a", "b"]],
    ['sys.path += ["a"]', ["a"]],
    ['here = "lib"\nsys.path.append(here)', ["lib"]],
    ['def add(path):\n    sys.path.insert(0, path)\nadd(os.path.join(HERE, "lib"))', ["lib"]],
  ] as const)
    it(`are read from ${text.replaceAll("\n", "; ")}`, () => {
      assert.deepEqual(added(`import sys\n${text}\n`), folders);
    });
  it("may be added by a file that it imports", () => {
    const file = parsePython("train.py", "import os.path, torch\nimport _init_paths\nfrom tools.paths import *\n");
    assert.deepEqual(requestFrom(file, { module: "nets", level: 0 }).pathModules?.slice(-2), [
      "_init_paths",
      "tools.paths",
    ]);
  });
  it("are none where the text does not say them, or where they are the file's own or of the whole disk", () => {
    for (const text of [
      "sys.path.append(folder)",
      'sys.path.append(f"{root}/nets")',
      'sys.path.append("/opt/nets")',
      'sys.path.append(".")',
      "sys.path.append(os.getcwd())",
      'names.append("core")',
    ])
      assert.deepEqual(added(`import sys\n${text}\n`), [], text);
  });
});
