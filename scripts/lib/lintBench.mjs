// How long `normlens lint` takes: processor time per file, and whole folders in threads, cold and from the cache.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inRepo, root } from "./paths.mjs";
import { run } from "./process.mjs";

const TIMEOUT_MS = 60 * 60_000;

/** @param {readonly string[]} asked folders; none for what comes with the repository */
export async function benchLint(asked) {
  const folders = asked.length > 0 ? asked.map((folder) => path.resolve(folder)) : [inRepo("examples"), inRepo("test")];
  await run(process.execPath, [inRepo("out", "bench", "lint.js"), ...folders], { cwd: root, timeoutMs: TIMEOUT_MS });
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-bench-"));
  for (const what of ["with an empty cache", "again, unchanged"]) {
    const { code, elapsedMs } = await run(process.execPath, [inRepo("dist", "cli.js"), "lint", ...folders], {
      cwd: root,
      env: { ...process.env, XDG_CACHE_HOME: cache },
      output: "capture",
      timeoutMs: TIMEOUT_MS,
    });
    const seconds = (elapsedMs / 1000).toFixed(2);
    console.log(code > 1 ? `${what}: failed with code ${code}` : `lint of all, ${what}: ${seconds} s`);
  }
  fs.rmSync(cache, { recursive: true });
}
