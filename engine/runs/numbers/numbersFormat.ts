/** The bytes of a binary file of numbers, as docs/run-format.md gives them. Pure: bytes in, bytes out. */
import { crc32 } from "node:zlib";
import * as v from "valibot";
import { type TableDeclaration, valuesPerFrame } from "../../protocol/numbers";

export type FrameValues = Float32Array | Float64Array;

export const HEADER = Buffer.from("NLNUM2\r\n", "latin1");
const DECLARATION_MARKER = Buffer.from("\x89NLD", "latin1");
const FRAME_MARKER = Buffer.from("\x89NLF", "latin1");
/** Both markers begin with these. */
const MARKER_PREFIX = Buffer.from("\x89NL", "latin1");

/** Marker, table number, length of the text. */
export const DECLARATION_HEAD_BYTES = 12;
/** Marker, table number, step. */
export const FRAME_HEAD_BYTES = 16;
const CHECKSUM_BYTES = 4;
/** What is longer is taken for a damaged length. */
const MAX_TEXT_BYTES = 16 << 20;
const MAX_FRAME_BYTES = 256 << 20;

const declarationSchema = v.object({
  name: v.string(),
  columns: v.pipe(v.array(v.string()), v.minLength(1)),
  layers: v.nullish(v.array(v.string()), []),
  values: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
  type: v.picklist(["float32", "float64"]),
});

export const bytesPerValue = ({ type }: TableDeclaration): 4 | 8 => (type === "float32" ? 4 : 8);

export const frameBytes = (declaration: TableDeclaration): number =>
  FRAME_HEAD_BYTES + valuesPerFrame(declaration) * bytesPerValue(declaration) + CHECKSUM_BYTES;

/** An array that contains one frame's values. */
export const emptyValues = (declaration: TableDeclaration): FrameValues => {
  const length = valuesPerFrame(declaration);
  return declaration.type === "float32" ? new Float32Array(length) : new Float64Array(length);
};

export const bytesOf = ({ buffer, byteOffset, byteLength }: FrameValues): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Size of the block that a declaration's head announces; null when no declaration is that long. */
export function declarationBytes(bytes: Buffer, at: number): number | null {
  const length = bytes.readUInt32LE(at + 8);
  return length > MAX_TEXT_BYTES ? null : DECLARATION_HEAD_BYTES + length + CHECKSUM_BYTES;
}

/** The declaration in a whole block; null when its text is none, or its frames would be absurdly large. */
export function decodeDeclaration(block: Buffer): TableDeclaration | null {
  try {
    const text = block.toString("utf8", DECLARATION_HEAD_BYTES, block.length - CHECKSUM_BYTES);
    const declaration = v.parse(declarationSchema, JSON.parse(text));
    return frameBytes(declaration) <= MAX_FRAME_BYTES ? declaration : null;
  } catch {
    return null;
  }
}

export function encodeDeclaration(table: number, declaration: TableDeclaration): Buffer {
  const text = Buffer.from(JSON.stringify(declaration));
  const block = Buffer.alloc(DECLARATION_HEAD_BYTES + text.length + CHECKSUM_BYTES);
  DECLARATION_MARKER.copy(block, 0);
  block.writeUInt32LE(table, 4);
  block.writeUInt32LE(text.length, 8);
  text.copy(block, DECLARATION_HEAD_BYTES);
  seal(block, 0, block.length);
  return block;
}

/** Writes a frame of `values` at a place in `target` and returns where it ends. */
export function writeFrame(target: Buffer, at: number, table: number, step: number, values: FrameValues): number {
  const end = at + FRAME_HEAD_BYTES + values.byteLength + CHECKSUM_BYTES;
  FRAME_MARKER.copy(target, at);
  target.writeUInt32LE(table, at + 4);
  target.writeDoubleLE(step, at + 8);
  target.set(bytesOf(values), at + FRAME_HEAD_BYTES);
  seal(target, at, end);
  return end;
}

const seal = (bytes: Buffer, from: number, to: number): number =>
  bytes.writeUInt32LE(crc32(bytes.subarray(from, to - CHECKSUM_BYTES)), to - CHECKSUM_BYTES);

/** Whether the checksum of the block from `from` to `to` fits. */
export const isSealed = (bytes: Buffer, from: number, to: number): boolean =>
  crc32(bytes.subarray(from, to - CHECKSUM_BYTES)) === bytes.readUInt32LE(to - CHECKSUM_BYTES);

const DECLARATION_KIND = 0x44;
const FRAME_KIND = 0x46;

export type BlockKind = "declaration" | "frame";

/** What kind of block begins at `at`; null for none. At least four bytes have to be there. */
export function blockKindAt(bytes: Buffer, at: number): BlockKind | null {
  if (bytes[at] !== 0x89 || bytes[at + 1] !== 0x4e || bytes[at + 2] !== 0x4c) return null;
  const kind = bytes[at + 3];
  return kind === FRAME_KIND ? "frame" : kind === DECLARATION_KIND ? "declaration" : null;
}

/** Whether bytes that end before a whole marker may still become one. */
export const mayBecomeMarker = (bytes: Buffer, from: number, to: number): boolean =>
  to - from < 4 && bytes.subarray(from, to).equals(MARKER_PREFIX.subarray(0, Math.min(3, to - from)));

/** Where the next marker begins, or, when none does, the place from which one could still begin. */
export function nextMarker(bytes: Buffer): { found: boolean; at: number } {
  const end = bytes.length;
  for (let at = bytes.indexOf(MARKER_PREFIX); at >= 0 && at + 4 <= end; at = bytes.indexOf(MARKER_PREFIX, at + 1))
    if (blockKindAt(bytes, at) !== null) return { found: true, at };
  for (let at = Math.max(0, end - 3); at < end; at++) if (mayBecomeMarker(bytes, at, end)) return { found: false, at };
  return { found: false, at: end };
}

export const isWholeStep = (step: number): boolean => Number.isSafeInteger(step) && step >= 0;

/** The step of the last whole frame in a piece of a file: what a list shows, without knowing any table. */
export function lastFrameStep(bytes: Buffer): number | null {
  let end = bytes.length;
  while (end >= 4) {
    const at = bytes.lastIndexOf(MARKER_PREFIX, end - 4);
    if (at < 0) return null;
    const isWhole = end - at >= FRAME_HEAD_BYTES + CHECKSUM_BYTES && blockKindAt(bytes, at) === "frame";
    const step = isWhole && isSealed(bytes, at, end) ? bytes.readDoubleLE(at + 8) : Number.NaN;
    if (isWholeStep(step)) return step;
    end = at;
  }
  return null;
}
