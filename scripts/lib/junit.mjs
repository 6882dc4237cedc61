// The counts of a suite that leaves a JUnit file, as pytest does.
import { judge } from "./results.mjs";

/** @typedef {import('./results.mjs').SuiteCounts} SuiteCounts */

/**
 * @param {string} suite
 * @param {number} exitCode
 * @param {string | undefined} xml what the suite left
 * @returns {SuiteCounts}
 */
export function judgeJUnit(suite, exitCode, xml) {
  if (xml === undefined) return judge(suite, exitCode, undefined);
  const suites = [...xml.matchAll(/<testsuite\s([^>]*)>/g)].map(([, attributes = ""]) => attributes);
  const total = (/** @type {string} */ name) =>
    suites.reduce((sum, attributes) => sum + Number(attribute(attributes, name) || 0), 0);
  const failed = total("failures") + total("errors");
  const skipped = total("skipped");
  const passed = total("tests") - failed - skipped;
  return judge(suite, exitCode, JSON.stringify({ passed, failed, skipped, failures: failuresOf(xml) }));
}

/** @param {string} xml */
function failuresOf(xml) {
  const cases = [...xml.matchAll(/<testcase\s([^>]*[^/])>([^]*?)<\/testcase>/g)];
  return cases.flatMap(([, about = "", inside = ""]) => {
    const failure = /<(?:failure|error)\s([^>]*)>/.exec(inside);
    if (!failure) return [];
    const title = [attribute(about, "classname"), attribute(about, "name")].filter(Boolean).join(" ");
    return [{ title, message: attribute(failure[1] ?? "", "message") }];
  });
}

/**
 * @param {string} attributes of an element
 * @param {string} name
 */
function attribute(attributes, name) {
  const [, value = ""] = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes) ?? [];
  return value.replace(/&(?:lt|gt|quot|apos|#10|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** @type {Readonly<Record<string, string>>} */
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#10;": "\n", "&amp;": "&" };
