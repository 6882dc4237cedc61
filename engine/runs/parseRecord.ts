/** One line of a log to a record, or why it is none. */
import * as v from "valibot";
import { type AnyRecord, recordSchema } from "../protocol/records";

export type ParsedRecord =
  | { readonly ok: true; readonly record: AnyRecord }
  | { readonly ok: false; readonly reason: string };

export function parseRecord(text: string): ParsedRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: "not JSON" };
  }
  const result = v.safeParse(recordSchema, value);
  if (result.success) return { ok: true, record: result.output };
  const [issue] = result.issues;
  return { ok: false, reason: `${v.getDotPath(issue) ?? "record"}: ${issue.message}` };
}
