// Real runs in the feeder: the extension's own feed, in the process that looks at the page, answers for them.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { inRepo } from "../../../scripts/lib/paths.mjs";

/** @typedef {(method: string, look: unknown) => string | null} Host */

/** @returns {Promise<(folders: readonly string[]) => Host>} */
export async function loadHost() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-host-"));
  const outfile = path.join(folder, "host.mjs");
  await esbuild.build({
    ...{ bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "warning", outfile },
    entryPoints: [inRepo("test", "ui", "panelFeeder", "realHost.ts")],
  });
  const { hostOf } = await import(pathToFileURL(outfile).href);
  fs.rmSync(folder, { recursive: true });
  return hostOf;
}

/**
 * Lets a page ask for the golden runs by their names.
 *
 * @param {import("playwright-core").Page} page
 */
export async function answerGoldenRuns(page) {
  const hostOf = await loadHost();
  /** @type {Host} */
  let host = () => null;
  await page.exposeFunction(
    "askHost",
    (/** @type {string} */ method, /** @type {unknown} */ look, /** @type {string} */ run) => {
      // A page says that it is ready when it opens.
      if (method === "ready") host = hostOf([inRepo("test", "golden", "runs", run)]);
      return host(method, look);
    },
  );
}
