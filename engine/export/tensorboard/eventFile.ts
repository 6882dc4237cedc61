/**
 * TensorBoard event files: records of `Event` messages (tensorflow/core/util/event.proto, summary.proto) in TFRecord
 * framing: length, its checksum, the message, its checksum. Only what scalars need is written.
 */
import { maskedCrc32c } from "./crc32c";

export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: readonly { readonly tag: string; readonly value: number }[];
}

/** What a reader expects first. */
export const versionRecord = (wallTime: number): Uint8Array =>
  record(bytes([double(1, wallTime), text(3, "brain.Event:2")]));

export function scalarRecord({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const values = scalars.map(({ tag, value }) => message(1, [text(1, tag), float(2, value)]));
  return record(bytes([double(1, wallTime), integer(2, step), message(5, values)]));
}

function record(data: Uint8Array): Uint8Array {
  const result = new Uint8Array(data.length + 16);
  const view = new DataView(result.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(result.subarray(0, 8)), true);
  result.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return result;
}

/** Kinds of fields on the wire (protobuf.dev, "Encoding"). */
const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

const key = (field: number, kind: number): Uint8Array => varint((field << 3) | kind);

function varint(value: number): Uint8Array {
  const result: number[] = [];
  let rest = BigInt(Math.trunc(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    result.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(result);
}

const integer = (field: number, value: number): Uint8Array => bytes([key(field, VARINT), varint(value)]);

function double(field: number, value: number): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setFloat64(0, value, true);
  return bytes([key(field, EIGHT_BYTES), data]);
}

function float(field: number, value: number): Uint8Array {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setFloat32(0, value, true);
  return bytes([key(field, FOUR_BYTES), data]);
}

const text = (field: number, value: string): Uint8Array => message(field, [new TextEncoder().encode(value)]);

function message(field: number, parts: readonly Uint8Array[]): Uint8Array {
  const data = bytes(parts);
  return bytes([key(field, LENGTH), varint(data.length), data]);
}

function bytes(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
