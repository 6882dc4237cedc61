/** The last record of a type, or null. */
import type { AnyRecord, RecordOfType } from "../protocol/records";

export function lastRecord<Type extends AnyRecord["type"]>(
  records: readonly AnyRecord[],
  type: Type,
): RecordOfType<Type> | null {
  return (records.findLast((record) => record.type === type) as RecordOfType<Type> | undefined) ?? null;
}
