import { strict as assert } from "node:assert";
import type { FileView } from "../../../engine/workspace/fileView";
import { settingsReader } from "../../../engine/workspace/settingsFiles";

const files: Readonly<Record<string, string>> = {
  "/p/cfg/net.yaml": "a: 1",
  "/p/nets/own.json": "{}",
  "/secret.yaml": "no",
  "/p/link.yaml": "no",
  "/p/nets/code.py": "no",
};
const view: FileView = {
  kindOf: (path) => (path in files ? "file" : null),
  realPath: (path) => (path === "/p/link.yaml" ? "/secret.yaml" : path),
  textOf: (path) => files[path] ?? null,
};

describe("files of settings on a disk", () => {
  const read = (path: string): string | null => settingsReader("/p", view)(path, "/p/nets/code.py")?.path ?? null;

  it("are beside the code, or in a folder around it", () => {
    assert.equal(read("own.json"), "/p/nets/own.json");
    assert.equal(read("cfg/net.yaml"), "/p/cfg/net.yaml");
    assert.equal(read("/p/cfg/net.yaml"), "/p/cfg/net.yaml");
  });
  it("are YAML and JSON inside the project, and nothing else", () => {
    for (const path of ["code.py", "/secret.yaml", "../../secret.yaml", "link.yaml", "missing.yaml"])
      assert.equal(read(path), null, path);
  });
});
