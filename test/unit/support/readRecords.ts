/** Records of a training as a reader would get them. */
import * as v from "valibot";
import { type AnyRecord, type RecordOfType, recordSchema, type WrittenRecord } from "../../../engine/protocol/records";

/** Through JSON, as a log holds it. */
export const asRead = (record: WrittenRecord): AnyRecord => v.parse(recordSchema, JSON.parse(JSON.stringify(record)));

/** The last record of a type, or null. */
export const lastRecord = <Type extends AnyRecord["type"]>(
  records: readonly AnyRecord[],
  type: Type,
): RecordOfType<Type> | null =>
  records.findLast((record): record is RecordOfType<Type> => record.type === type) ?? null;
