// A Python that has what a comparison needs. Debian's packages belong to /usr/bin/python3, whatever comes first in the
// path.
import { run } from "./process.mjs";

/**
 * @param {string} name of a module
 * @returns {Promise<string | null>}
 */
export async function pythonWith(name) {
  for (const python of ["/usr/bin/python3", "python3"]) {
    const { code } = await run(python, ["-c", `import ${name}`], { output: "capture", timeoutMs: 60_000 });
    if (code === 0) return python;
  }
  return null;
}
