// Where things are in the checkout. Everything else asks here, so a moved folder is one line.
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** @param {...string} parts path segments below the repository root */
export const inRepo = (...parts) => path.join(root, ...parts);

/** Where every suite leaves its counts (see results.mjs). */
export const resultsDir = inRepo("out", "results");
