// Builds the panel and serves it under the same content policy as in VS Code.
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { themes } from "./themes.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const repo = path.resolve(here, "../../..");

/** Where bundles are kept, outside the repository. */
const cacheFolder = process.env["NORMLENS_FEEDER_CACHE"] ?? path.join(os.tmpdir(), "normlens-panel-feeder");

/** @param {string} [page] what stands in for VS Code's side; the synthetic host where it is absent */
export async function buildFeeder(page = path.join(here, "page.ts")) {
  await esbuild.build({
    bundle: true,
    platform: "browser",
    format: "iife",
    target: "es2022",
    sourcemap: "inline",
    logLevel: "warning",
    entryPoints: { feeder: page, webview: path.join(repo, "webview/main.ts") },
    outdir: cacheFolder,
  });
}

/**
 * @param {string} scenario
 * @param {string} theme
 */
function html(scenario, theme) {
  const chosen = themes[theme];
  if (!chosen) throw new Error(`no theme ${theme}`);
  const { bodyClass, variables } = chosen;
  const nonce = randomBytes(16).toString("base64");
  const policy =
    `default-src 'none'; style-src 'self' 'nonce-${nonce}'; script-src 'nonce-${nonce}'; font-src 'self'; ` +
    "img-src 'self' data:";
  const css = Object.entries(variables)
    .map(([name, value]) => `${name}: ${value};`)
    .join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">html { ${css} }</style>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/webview.css">
<title>NormLens panel: ${encodeURIComponent(scenario)}</title></head>
<body class="${bodyClass}">
<script nonce="${nonce}" src="/feeder.js"></script><script nonce="${nonce}" src="/webview.js"></script>
</body></html>`;
}

/** @param {number} [port] 0 takes a free one */
export async function serveFeeder(port = 0) {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === "/") {
      response.setHeader("content-type", "text/html");
      response.end(html(url.searchParams.get("scenario") ?? "healthy", url.searchParams.get("theme") ?? "dark"));
      return;
    }
    const file = path.join(cacheFolder, path.basename(url.pathname));
    if (!/\.(js|css)$/.test(file) || !fs.existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("content-type", file.endsWith(".css") ? "text/css" : "text/javascript");
    response.end(fs.readFileSync(file));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the feeder has no port");
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildFeeder();
  const { url } = await serveFeeder(Number(process.env["PORT"] ?? 0));
  console.log(
    `${url}?scenario=stale&theme=dark  (scenarios: see scenarios.ts; themes: ${Object.keys(themes).join(", ")})`,
  );
}
