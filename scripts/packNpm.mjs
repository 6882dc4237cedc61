// Pack the command line for npm as dist/normlens-<version>.tgz. Everything is in the bundles: it has no dependencies.
//   npm run package:npm                   from a production build
//   node scripts/packNpm.mjs --built      from the bundles that are in dist/
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build, recorderFiles } from "./build.mjs";
import { installPackages } from "./install.mjs";
import { inRepo } from "./lib/paths.mjs";
import { runOrThrow } from "./lib/process.mjs";

/**
 * The kernels are inside cli.js; its helper threads run the kernelWorker.js beside it, reports contain report.js and
 * report.css, and `record` uses python/.
 */
const files = () => [
  ...["cli.js", "kernelWorker.js", "report.js", "report.css"].map((file) => `dist/${file}`),
  ...["README.md", "CHANGELOG.md", "LICENSE"],
  ...recorderFiles().map((file) => `dist/python/${file}`),
];

/** What both packages say of themselves; the rest of package.json is for VS Code. */
const SHARED = ["name", "version", "license", "repository", "bugs", "homepage", "keywords", "bin"];

/**
 * @param {Record<string, unknown> & { engines: { node: string } }} manifest of the repository
 * @returns {Record<string, unknown>} that of the npm package
 */
function npmManifest(manifest) {
  return {
    ...Object.fromEntries(SHARED.map((field) => [field, manifest[field]])),
    description: "Debug batch normalization in PyTorch, Keras and TensorFlow.js models on the command line.",
    engines: { node: manifest.engines.node },
  };
}

/** @returns {Promise<string>} the package's path */
async function packNpm() {
  const staged = inRepo("out", "npm");
  fs.rmSync(staged, { recursive: true, force: true });
  for (const file of files()) {
    fs.mkdirSync(path.dirname(path.join(staged, file)), { recursive: true });
    fs.copyFileSync(inRepo(file), path.join(staged, file));
  }
  const manifest = npmManifest(JSON.parse(fs.readFileSync(inRepo("package.json"), "utf8")));
  fs.writeFileSync(path.join(staged, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const args = ["pack", "--json", "--pack-destination", inRepo("dist")];
  const { output } = await runOrThrow("npm", args, { cwd: staged, output: "capture" });
  const [packed] = JSON.parse(output);
  return inRepo("dist", packed.filename);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!process.argv.includes("--built")) {
    await installPackages();
    await build({ production: true });
  }
  const packed = await packNpm();
  console.log(`Packed ${path.relative(inRepo(), packed)}, ${Math.ceil(fs.statSync(packed).size / 1024)} KB`);
}
