/**
 * safetensors (https://github.com/huggingface/safetensors): an 8-byte little-endian header length, a JSON header of
 * name → dtype, shape and byte range, then the values. Keys and layouts are those of the model's PyTorch `state_dict`.
 * Encoding stands beside decoding.
 */
import * as v from "valibot";

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** float32, or int64 for counters (`num_batches_tracked`). */
  readonly values: Float32Array | BigInt64Array;
}

/** Text by name, as the format has it beside the tensors. */
export type Metadata = Readonly<Record<string, string>>;

const METADATA = "__metadata__";

/**
 * Encodes tensors in the order given, and text beside them. The header is padded with spaces to 8 bytes, as the format
 * asks.
 */
export function encodeSafetensors(tensors: readonly NamedTensor[], metadata?: Metadata): Uint8Array {
  let offset = 0;
  const header: Record<
    string,
    Metadata | { dtype: "F32" | "I64"; shape: readonly number[]; data_offsets: [number, number] }
  > = metadata ? { [METADATA]: metadata } : {};
  for (const { name, shape, values } of tensors) {
    header[name] = {
      dtype: values instanceof Float32Array ? "F32" : "I64",
      shape,
      data_offsets: [offset, offset + values.byteLength],
    };
    offset += values.byteLength;
  }
  const text = JSON.stringify(header);
  const headerBytes = Buffer.from(text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8));
  const file = new Uint8Array(8 + headerBytes.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  file.set(headerBytes, 8);
  let at = 8 + headerBytes.length;
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

export type Decoded =
  | { readonly tensors: readonly NamedTensor[]; readonly metadata: Metadata }
  | { readonly malformed: string };

const entrySchema = v.object({
  dtype: v.string(),
  shape: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  data_offsets: v.tuple([
    v.pipe(v.number(), v.integer(), v.minValue(0)),
    v.pipe(v.number(), v.integer(), v.minValue(0)),
  ]),
});

/** The reference implementation refuses longer headers too. */
const MAX_HEADER_BYTES = 100_000_000;

/** Reads every tensor of a file. Nothing is thrown for whatever the bytes may be. */
export function decodeSafetensors(bytes: Uint8Array): Decoded {
  if (bytes.length < 8) return { malformed: `it has ${bytes.length} bytes, too few for the length of a header` };
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || headerBytes > bytes.length - 8)
    return { malformed: `its header should be ${headerBytes} bytes long, but the file has ${bytes.length}` };
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes));
  if (header === null) return { malformed: "its header is not a JSON object of tensors" };
  return decodeTensors(header, bytes.subarray(8 + headerBytes));
}

interface Header {
  readonly entries: readonly (readonly [name: string, entry: v.InferOutput<typeof entrySchema>])[];
  readonly metadata: Metadata;
}

function parseHeader(bytes: Uint8Array): Header | null {
  try {
    const parsed = v.safeParse(
      v.record(v.string(), v.unknown()),
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
    );
    if (!parsed.success) return null;
    const { [METADATA]: text = {}, ...rest } = parsed.output;
    const metadata = v.safeParse(v.record(v.string(), v.string()), text);
    const entries = Object.entries(rest).map(([name, entry]) => [name, v.safeParse(entrySchema, entry)] as const);
    if (!metadata.success || !entries.every(([, entry]) => entry.success)) return null;
    return {
      metadata: metadata.output,
      entries: entries.map(([name, entry]) => [name, entry.output as v.InferOutput<typeof entrySchema>] as const),
    };
  } catch {
    return null;
  }
}

function decodeTensors({ entries, metadata }: Header, data: Uint8Array): Decoded {
  const tensors: NamedTensor[] = [];
  let end = 0;
  const inOrder = [...entries].sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1]);
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of inOrder) {
    const size = SIZES[dtype];
    if (size === undefined) return { malformed: `${name} has the type ${dtype}, which NormLens does not read` };
    const expected = shape.reduce((product, length) => product * length, size);
    if (from < end || to < from || to > data.length)
      return { malformed: `the values of ${name} are outside the file or overlap another tensor's` };
    if (from > end) return { malformed: `${from - end} bytes before the values of ${name} belong to no tensor` };
    if (to - from !== expected) return { malformed: `${name} has ${to - from} bytes, but its shape needs ${expected}` };
    end = to;
    tensors.push({ name, shape, values: valuesOf(dtype, data.slice(from, to)) });
  }
  if (end < data.length) return { malformed: `${data.length - end} bytes after its tensors belong to no tensor` };
  return { tensors, metadata };
}

const SIZES: Readonly<Record<string, number | undefined>> = { F32: 4, F64: 8, F16: 2, BF16: 2, I64: 8 };

function valuesOf(dtype: string, bytes: Uint8Array): NamedTensor["values"] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const each = (size: number, read: (offset: number) => number): Float32Array =>
    Float32Array.from({ length: bytes.length / size }, (_, index) => read(index * size));
  switch (dtype) {
    case "I64":
      return BigInt64Array.from({ length: bytes.length / 8 }, (_, index) => view.getBigInt64(index * 8, true));
    case "F64":
      return each(8, (offset) => view.getFloat64(offset, true));
    case "F16":
      return each(2, (offset) => halfToNumber(view.getUint16(offset, true)));
    case "BF16":
      return each(2, (offset) => {
        view32.setUint32(0, view.getUint16(offset, true) << 16);
        return view32.getFloat32(0);
      });
    default:
      return each(4, (offset) => view.getFloat32(offset, true));
  }
}

const view32 = new DataView(new ArrayBuffer(4));

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
