// Build the recorder's Python package as dist/normlens-<version>-py3-none-any.whl.
//   npm run package:wheel
// Works offline where the tests of python/ ran before: their environment has what builds it.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inRepo } from "./lib/paths.mjs";
import { runOrThrow } from "./lib/process.mjs";
import { existingPythonEnv, findPython } from "./pythonEnv.mjs";

/** @returns {Promise<string>} the package's path */
async function packWheel() {
  const prepared = await existingPythonEnv();
  const python = prepared ?? (await findPython())?.python;
  if (python === undefined) throw new Error("There is no Python with pip to build the wheel with.");
  const isolation = prepared === null ? [] : ["--no-build-isolation"];
  const args = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", ...isolation];
  await runOrThrow(python, [...args, "--wheel-dir", inRepo("dist"), inRepo("python")], { output: "capture" });
  const { version } = JSON.parse(fs.readFileSync(inRepo("package.json"), "utf8"));
  return inRepo("dist", `normlens-${version}-py3-none-any.whl`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const wheel = await packWheel();
  console.log(`Packed ${path.relative(inRepo(), wheel)}, ${Math.ceil(fs.statSync(wheel).size / 1024)} KB`);
}
