/** One line of a run's events to a record, or of its samples, or why it is none. */
import * as v from "valibot";
import { type SampleLine, sampleLineSchema } from "../protocol/probedSamples";
import { type AnyRecord, RUN_SCHEMA_VERSION, recordSchema } from "../protocol/records";
import { type AnyRecord1, recordSchema1 } from "./version1/records1";

/** `unknown`: an unknown type, which is ignored. */
export type Parsed<Record> =
  | { readonly kind: "record"; readonly record: Record }
  | { readonly kind: "unknown"; readonly type: string }
  | { readonly kind: "bad"; readonly reason: string };

/** A record of this version. */
export const parseRecord = (text: string): Parsed<AnyRecord> => parseWith(recordSchema, text);

/** A record of version 1. */
export const parseRecord1 = (text: string): Parsed<AnyRecord1> => parseWith(recordSchema1, text);

/** A line about the samples of the probe batch. */
export const parseSampleLine = (text: string): Parsed<SampleLine> => parseWith(sampleLineSchema, text);

function parseWith<Record>(schema: v.GenericSchema<unknown, Record>, text: string): Parsed<Record> {
  const value = jsonOf(text);
  if (value === undefined) return { kind: "bad", reason: "it is not valid JSON" };
  const result = v.safeParse(schema, value);
  if (result.success) return { kind: "record", record: result.output };
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  if (
    path === "type" &&
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string"
  )
    return { kind: "unknown", type: value.type };
  return { kind: "bad", reason: `${path ?? "record"}: ${issue.message}` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export type FirstLine =
  | { readonly version: 1 | 2 }
  /** Not a run that can be opened, and why. */
  | { readonly version: null; readonly reason: string; readonly isNewer: boolean };

/** What format a run is written in, by its first line. */
export function versionOf(text: string): FirstLine {
  const value = jsonOf(text);
  const fields = typeof value === "object" && value !== null ? (value as { type?: unknown; schema?: unknown }) : {};
  if (fields.type !== "run") return { version: null, isNewer: false, reason: "it does not begin with a run record" };
  if (typeof fields.schema === "number" && fields.schema > RUN_SCHEMA_VERSION)
    return {
      version: null,
      isNewer: true,
      reason: `it was written by a newer version of NormLens (run format ${fields.schema})`,
    };
  const parsed = fields.schema === 1 ? parseRecord1(text) : parseRecord(text);
  if (parsed.kind === "record") return { version: fields.schema === 1 ? 1 : 2 };
  const detail = parsed.kind === "bad" ? ` (${parsed.reason})` : "";
  return { version: null, isNewer: false, reason: `its first line is not a valid run record${detail}` };
}
