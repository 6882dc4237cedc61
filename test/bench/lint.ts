/** Processor time of each file that `normlens lint` reads, one after the other in one thread: `lint.js FOLDER…`. */
import { findFiles } from "../../engine/cli/lint/findFiles";
import { bytesOf } from "../../engine/cli/lint/lintFile";
import { Linter } from "../../engine/cli/lint/linter";

/** So many of the slowest are named. */
const SHOWN = 5;

function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const linter = new Linter();
const { files } = findFiles(process.argv.slice(2));
const times = files.flatMap((path) => {
  const bytes = bytesOf(path);
  return typeof bytes === "string" ? [] : [{ path, ms: processorMs(() => linter.lint(path, bytes)) }];
});
times.sort((a, b) => a.ms - b.ms);
const share = (part: number): string => (times[Math.floor(part * (times.length - 1))]?.ms ?? NaN).toFixed(1);
console.log(
  `lint, ${times.length} files, processor time of a file: median ${share(0.5)} ms, 95 % below ${share(0.95)} ms, ` +
    `worst ${share(1)} ms`,
);
for (const { path, ms } of times.slice(-SHOWN).reverse()) console.log(`  ${ms.toFixed(0).padStart(6)} ms ${path}`);
