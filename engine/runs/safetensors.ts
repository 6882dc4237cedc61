/**
 * safetensors (https://github.com/huggingface/safetensors): an 8-byte little-endian header length, a JSON header of
 * name → dtype, shape and byte range, then the values. Keys and layouts are those of the model's PyTorch `state_dict`.
 */

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Encodes float32 tensors in the order given. The header is padded with spaces to 8 bytes, as the format asks. */
export function encodeSafetensors(tensors: readonly NamedTensor[]): Uint8Array {
  let offset = 0;
  const header: Record<string, { dtype: "F32"; shape: readonly number[]; data_offsets: [number, number] }> = {};
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + values.byteLength] };
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
