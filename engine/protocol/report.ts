/**
 * What a report of a run contains, or of several side by side: the document that `normlens runs export --format html`
 * writes into its page, and the page draws. JSON, with what JSON lacks: numbers that are not finite, and arrays of
 * numbers.
 */
import type { Comparison } from "./comparison";
import type { FlippedSamples } from "./flippedSamples";
import type { Judgement, RunState } from "./judgement";
import type { RunRecord } from "./records";
import type { Replay } from "./replay";
import type { SeriesBlock } from "./series";

export interface Report {
  /** ISO 8601. */
  readonly madeAt: string;
  /** Who made it: `normlens 0.1.0`. */
  readonly madeBy: string;
  readonly runs: readonly [ReportedRun, ...ReportedRun[]];
  /** Null for one run. */
  readonly comparison: Comparison | null;
}

/** What it says of one run. */
export interface ReportedRun {
  readonly run: RunRecord;
  /** The name that a person gave it; null for none. */
  readonly label: string | null;
  readonly state: RunState;
  /** Why it ended, in words; null when there is nothing to explain. */
  readonly problem: { readonly code: string; readonly sentence: string; readonly action: string } | null;
  /** The last step. */
  readonly step: number;
  /** Steps at which BN layers were sampled. */
  readonly sampledSteps: number;
  readonly judgement: Judgement;
  /** What other momenta would have given at the last step; null where that was not recorded. */
  readonly replay: Replay | null;
  /** Samples that flip at the last probe; null where none were recorded. */
  readonly flipped: FlippedSamples | null;
  readonly series: readonly SeriesBlock[];
  /** Layers whose own curves are in `series`; of the others there is what all layers have. */
  readonly layers: readonly string[];
  /** The command that trains or records such a run again; null where that is unknown. */
  readonly command: string | null;
}

const NUMBER = "\u0000number";
const ARRAY = "\u0000array";

type Numbers = Float32Array | Float64Array;

/** Safe between script tags: it contains no `<`. */
export const encodeReport = (report: Report): string => encodeNumbers(report).replaceAll("<", "\\u003c");

/** JSON with every number and array of numbers; `decodeNumbers` reads it. */
export const encodeNumbers = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => encoded(part));

function encoded(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { [NUMBER]: String(value) };
  if (value instanceof Float32Array) return { [ARRAY]: "float32", base64: toBase64(value) };
  if (value instanceof Float64Array) return { [ARRAY]: "float64", base64: toBase64(value) };
  return value;
}

export const decodeReport = (text: string): Report => decodeNumbers(text) as Report;
export const decodeNumbers = (text: string): unknown => JSON.parse(text, (_, value: unknown) => decoded(value));

function decoded(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  if (NUMBER in fields) return Number(fields[NUMBER]);
  if (!(ARRAY in fields)) return value;
  const bytes = Uint8Array.from(atob(String(fields["base64"])), (character) => character.charCodeAt(0));
  return fields[ARRAY] === "float32" ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}

/** In the byte order of this machine: every one that runs a browser or Node has the same. */
function toBase64(numbers: Numbers): string {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  let text = "";
  const AT_ONCE = 4096;
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  return btoa(text);
}
