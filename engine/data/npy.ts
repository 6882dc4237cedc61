/**
 * NumPy's array files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): a magic string, a
 * version, a Python dict of type, order and shape as text, then the values.
 */
import { ProblemError } from "../protocol/problems";
import { elementCount } from "../protocol/shape";
import { malformed, MAX_VALUES } from "./dataFiles";

export interface NumpyArray {
  readonly shape: readonly number[];
  /** Bytes stay bytes; everything else becomes f32. */
  readonly values: Uint8Array | Float32Array;
}

interface ValueType {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number;
}

const TYPES: Readonly<Partial<Record<string, ValueType>>> = {
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

/**
 * Throws a ProblemError: `data-malformed` for anything that is not such a file, `data-truncated` when bytes are
 * missing.
 */
export function decodeNpy(path: string, bytes: Uint8Array): NumpyArray {
  const { header, start } = headerOf(path, bytes);
  const type = /'descr':\s*'([<>=|])(\w+)'/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  const valueType = TYPES[type?.[2] ?? ""];
  if (valueType === undefined)
    throw malformed(path, `its values have the NumPy type ${type?.[2] ?? "?"}, which is not a number`);
  if (order !== "False" || sizes === undefined)
    throw malformed(
      path,
      order === "True"
        ? "its values are in Fortran order; save it with numpy.ascontiguousarray"
        : "its header does not give shape and order",
    );
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count) || count > MAX_VALUES)
    throw malformed(path, `its header claims ${shape.join("×")} values`);
  const expectedBytes = start + count * valueType.bytes;
  if (bytes.length < expectedBytes)
    throw new ProblemError({ code: "data-truncated", path, expectedBytes, foundBytes: bytes.length });
  if (bytes.length > expectedBytes)
    throw malformed(
      path,
      `${bytes.length - expectedBytes} bytes follow the ${shape.join("×")} values its header declares`,
    );
  if (type?.[2] === "u1") return { shape, values: bytes.slice(start, expectedBytes) };
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * valueType.bytes);
  return {
    shape,
    values: Float32Array.from({ length: count }, (_, index) =>
      valueType.read(view, index * valueType.bytes, type?.[1] !== ">"),
    ),
  };
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

function headerOf(path: string, bytes: Uint8Array): { readonly header: string; readonly start: number } {
  if (!MAGIC.every((byte, index) => bytes[index] === byte))
    throw malformed(path, "it does not begin like a NumPy file");
  const lengthBytes = bytes[6] === 1 ? 2 : 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 + lengthBytes)
    throw new ProblemError({ code: "data-truncated", path, expectedBytes: 8 + lengthBytes, foundBytes: bytes.length });
  const start = 8 + lengthBytes + (lengthBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start)
    throw new ProblemError({ code: "data-truncated", path, expectedBytes: start, foundBytes: bytes.length });
  return { header: new TextDecoder("latin1").decode(bytes.subarray(8 + lengthBytes, start)), start };
}
