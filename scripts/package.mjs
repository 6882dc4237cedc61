// Package the extension as dist/normlens-<version>.vsix, from a production build, and watch its size.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { BUNDLE_FILES, build, recorderFiles } from "./build.mjs";
import { installPackages } from "./install.mjs";
import { inRepo } from "./lib/paths.mjs";
import { formatDuration } from "./lib/timing.mjs";
import { runTool } from "./lib/tools.mjs";

/** Ours is a few hundred kilobytes; above this something was packed that should not have been. */
const SIZE_LIMIT_BYTES = 2 * 1024 * 1024;

/** What the package must contain to work: without package.nls.json VS Code shows keys, without the others English. */
const requiredFiles = () => [
  ...BUNDLE_FILES.map((file) => `dist/${file}`),
  ...recorderFiles().map((file) => `dist/python/${file}`),
  "package.nls.json",
  "package.nls.de.json",
  "l10n/bundle.l10n.de.json",
];

/** @returns {string} the package that packageExtension() writes */
export function vsixPath() {
  const { name, version } = JSON.parse(fs.readFileSync(inRepo("package.json"), "utf8"));
  return inRepo("dist", `${name}-${version}.vsix`);
}

/** @returns {Promise<string>} the package's path */
export async function packageExtension() {
  const started = Date.now();
  await build({ production: true });
  const vsix = vsixPath();
  fs.rmSync(vsix, { force: true });
  // --no-dependencies: everything is in the bundles. The name of the file decides nothing, the allow-list does.
  const { code, output } = await runTool("vsce", ["package", "--no-dependencies", "--out", vsix], {
    output: "capture",
  });
  if (code !== 0 || !fs.existsSync(vsix)) throw new Error(`vsce could not package the extension:\n${output}`);
  // Names of files are plain text in an archive.
  const packed = fs.readFileSync(vsix);
  const missing = requiredFiles().filter((file) => !packed.includes(`extension/${file}`));
  if (missing.length > 0) throw new Error(`The package lacks ${missing.join(", ")}: .vscodeignore leaves them out.`);
  const bytes = packed.length;
  console.log(
    `Packaged ${path.relative(inRepo(), vsix)}, ${Math.ceil(bytes / 1024)} KB ` +
      `(${formatDuration(Date.now() - started)})`,
  );
  if (bytes > SIZE_LIMIT_BYTES) throw new Error(`The package is larger than ${SIZE_LIMIT_BYTES / 1024} KB:\n${output}`);
  return vsix;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await installPackages();
  await packageExtension();
}
