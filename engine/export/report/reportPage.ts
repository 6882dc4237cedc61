/**
 * A run as one HTML file, or several side by side: it opens from a disk, asks nobody for anything, and draws what the
 * panel draws.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeReport, type Report } from "../../protocol/report";

/** The page's code and looks are built beside the bundle that this is in. */
const besideUs = (name: string): string => readFileSync(join(__dirname, name), "utf8");

export function reportPage(report: Report): string {
  // A tag that ends inside a text of the bundle would end the script; in JavaScript the escape means the same.
  const script = besideUs("report.js").replaceAll("</script", "<\\/script");
  const style = besideUs("report.css");
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    // uPlot and lit set styles of elements; nothing of a style can leave the page, because nothing is ever loaded.
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(titleOf(report))}</title>
<style>${style}</style>
</head>
<body>
<script type="application/json" id="report">${encodeReport(report)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function titleOf({ runs: [{ run }, ...others] }: Report): string {
  const name = others.length === 0 ? run.name : `${others.length + 1} runs`;
  return `${run.model ?? run.producer}, ${name} – NormLens report`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? "");
