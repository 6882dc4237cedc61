// Trains the models of models.json by the engine and by PyTorch, from the same first weights over the same batches, and
// compares losses, running statistics, keys and BN layers. Sources are taken out of local git snapshots, `<folder>/<owner>+<name>/`:
//   node test/compare/compareTraining.mjs <folder>
// Models without a snapshot are left out, and named.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { inRepo, root } from "../../scripts/lib/paths.mjs";
import { run } from "../../scripts/lib/process.mjs";

const [, , snapshots = ""] = process.argv;
const folder = inRepo("out", "compare");
const sources = path.join(folder, "sources");
const results = path.join(folder, "results");
for (const made of [sources, results]) {
  fs.rmSync(made, { recursive: true, force: true });
  fs.mkdirSync(made, { recursive: true });
}

/** @typedef {{ name: string, repo?: string, commit?: string, path: string, text?: string, own?: string, model: string, input: number[], batch?: number, classes?: number, loss?: string, replace?: [string, string][] }} Entry */
const entries = /** @type {Entry[]} */ (JSON.parse(fs.readFileSync(inRepo("test", "compare", "models.json"), "utf8")));
const compared = entries.flatMap((entry) => {
  const place = placeOf(entry);
  if (place === null) {
    console.log(`${entry.name.padEnd(22)} left out: no snapshot of ${entry.repo}`);
    return [];
  }
  let text = fs.readFileSync(place.file, "utf8");
  for (const [from, to] of entry.replace ?? []) text = text.replaceAll(from, to);
  fs.writeFileSync(place.file, text);
  return [{ name: entry.name, ...place, model: entry.model, input: entry.input, batch: entry.batch ?? 16, classes: entry.classes ?? 10, loss: entry.loss ?? "cross-entropy" }];
});
const list = path.join(folder, "models.json");
fs.writeFileSync(list, JSON.stringify(compared));

const esbuild = await import("esbuild");
await esbuild.build({ entryPoints: ["test/compare/trainOurs.ts"], absWorkingDir: root, bundle: true, platform: "node", target: "node20", loader: { ".wasm": "binary" }, outdir: folder, logLevel: "warning" });
const ours = await run(process.execPath, [path.join(folder, "trainOurs.js"), list, results]);
const theirs = await run(process.env["NORMLENS_PYTHON"] ?? "/usr/bin/python3", [inRepo("test", "compare", "trainPyTorch.py"), list, results]);
process.exit(ours.code === 0 ? theirs.code : ours.code);

/**
 * Puts a model's file, with everything else of its commit, where both sides find it.
 * @param {Entry} entry
 * @returns {{ root: string, file: string } | null}
 */
function placeOf({ repo, commit, path: file, text, own, name }) {
  const at = path.join(sources, (repo ?? name).replace(/\W+/g, "_"));
  fs.mkdirSync(at, { recursive: true });
  if (text !== undefined) fs.writeFileSync(path.join(at, file), text);
  else if (own !== undefined) fs.copyFileSync(inRepo("test", "compare", "models", own), path.join(at, file));
  else if (!fs.existsSync(path.join(at, file))) {
    const git = [".git", "repo/.git", "repo", ""].map((inner) => path.join(snapshots, (repo ?? "").replace("/", "+"), inner)).find((candidate) => fs.existsSync(path.join(candidate, "HEAD")));
    if (git === undefined || commit === undefined) return null;
    // File by file: some objects of a snapshot may be absent.
    const names = execFileSync("git", [`--git-dir=${git}`, "ls-tree", "-r", "--name-only", commit], { encoding: "utf8" }).split("\n");
    for (const name of names.filter((name) => name.endsWith(".py"))) {
      fs.mkdirSync(path.dirname(path.join(at, name)), { recursive: true });
      fs.writeFileSync(path.join(at, name), execFileSync("git", [`--git-dir=${git}`, "show", `${commit}:${name}`], { maxBuffer: 1 << 28 }));
    }
  }
  return { root: at, file: path.join(at, file) };
}
