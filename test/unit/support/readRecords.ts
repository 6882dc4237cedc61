/** Records of a training as a reader would get them. */
import * as v from "valibot";
import { type AnyRecord, recordSchema, type WrittenRecord } from "../../../engine/protocol/records";

/** Through JSON, as a log contains it. */
export const asRead = (record: WrittenRecord): AnyRecord => v.parse(recordSchema, JSON.parse(JSON.stringify(record)));
