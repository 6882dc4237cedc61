/**
 * IDX, MNIST's file format (http://yann.lecun.com/exdb/mnist/): two zero bytes, a type, the number of axes, each
 * axis' size as a big-endian 32-bit integer, then the values.
 */
import { gunzipSync } from "node:zlib";
import { ProblemError } from "../protocol/problems";

const UNSIGNED_BYTE = 0x08;
const GZIP_MAGIC = 0x1f8b;
/** Far above any set this tool is for; a header or a gzip that claims more is lying. */
const MAX_BYTES = 2 ** 31;

export interface IdxArray {
  readonly sizes: readonly number[];
  readonly values: Uint8Array;
}

/**
 * Decodes an IDX file of unsigned bytes, gzipped or not. `path` is only for the error's sentence. Throws a
 * ProblemError: `data-malformed` for anything that is not such a file, `data-truncated` when bytes are missing.
 */
export function decodeIdx(path: string, file: Uint8Array): IdxArray {
  const bytes = unzip(path, file);
  const malformed = (detail: string): ProblemError => new ProblemError({ code: "data-malformed", path, detail });
  if (bytes.length < 4)
    throw new ProblemError({ code: "data-truncated", path, expectedBytes: 4, foundBytes: bytes.length });
  const [zero0 = 0, zero1 = 0, type = 0, axes = 0] = bytes;
  if (zero0 !== 0 || zero1 !== 0) throw malformed("it does not begin with the two zero bytes of an IDX file");
  if (type !== UNSIGNED_BYTE) throw malformed(`its values have IDX type 0x${type.toString(16)}, not unsigned bytes`);
  const headerBytes = 4 + 4 * axes;
  if (axes === 0) throw malformed("its header declares no axes");
  if (bytes.length < headerBytes)
    throw new ProblemError({ code: "data-truncated", path, expectedBytes: headerBytes, foundBytes: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count > MAX_BYTES) throw malformed(`its header claims ${sizes.join("×")} values`);
  const found = bytes.length - headerBytes;
  if (found < count)
    throw new ProblemError({
      code: "data-truncated",
      path,
      expectedBytes: headerBytes + count,
      foundBytes: bytes.length,
    });
  if (found > count) throw malformed(`${found - count} bytes follow the ${sizes.join("×")} values its header declares`);
  return { sizes, values: bytes.subarray(headerBytes) };
}

function unzip(path: string, file: Uint8Array): Uint8Array {
  if (((file[0] ?? 0) << 8) + (file[1] ?? 0) !== GZIP_MAGIC) return file;
  try {
    return gunzipSync(file, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "Z_BUF_ERROR")
      throw new ProblemError({ code: "data-malformed", path, detail: "its gzip stream ends too early" });
    throw new ProblemError({
      code: "data-malformed",
      path,
      detail: `its gzip stream is damaged (${code ?? "unknown"})`,
    });
  }
}
