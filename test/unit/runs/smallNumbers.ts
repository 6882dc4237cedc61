/** A small binary file whose blocks are known one by one, and ways to damage it. */
import type { TableDeclaration } from "../../../engine/protocol/numbers";
import { MemorySource } from "../../../engine/runs/byteSource";
import {
  HEADER,
  emptyValues,
  encodeDeclaration,
  frameBytes,
  writeFrame,
} from "../../../engine/runs/numbers/numbersFormat";
import { NumbersReader } from "../../../engine/runs/numbers/numbersReader";

export const stepsTable: TableDeclaration = {
  name: "steps",
  columns: ["loss", "own"],
  layers: [],
  values: 1,
  type: "float64",
};
export const normsTable: TableDeclaration = {
  name: "norms",
  columns: ["mean_shift", "gradient_norm"],
  layers: ["bn1", "bn2"],
  values: 1,
  type: "float32",
};

export function frameBlock(
  table: number,
  declaration: TableDeclaration,
  step: number,
  numbers: ArrayLike<number>,
): Buffer {
  const block = Buffer.alloc(frameBytes(declaration));
  const values = emptyValues(declaration);
  values.set(numbers);
  writeFrame(block, 0, table, step, values);
  return block;
}

export interface Block {
  readonly bytes: Buffer;
  readonly table: number;
  /** Null of a declaration. */
  readonly step: number | null;
  readonly values: readonly number[];
}

const declarations = [stepsTable, normsTable];
const declarationBlock = (table: number): Block => ({
  bytes: encodeDeclaration(table, declarations[table] ?? stepsTable),
  table,
  step: null,
  values: [],
});

function frameOf(table: number, step: number): Block {
  const declaration = declarations[table] ?? stepsTable;
  const values = [...emptyValues(declaration)].map((_, index) => step + index / 8);
  return { bytes: frameBlock(table, declaration, step, values), table, step, values };
}

/** Two tables, sampled at different steps. */
export const smallBlocks: readonly Block[] = [
  declarationBlock(0),
  frameOf(0, 1),
  declarationBlock(1),
  ...[2, 3, 4, 5, 6].flatMap((step) => [frameOf(0, step), ...(step % 2 === 0 ? [frameOf(1, step)] : [])]),
];

export const smallFile = Buffer.concat([HEADER, ...smallBlocks.map(({ bytes }) => bytes)]);

/** What a reader made of a file: frames as they were passed on, and what it says afterwards. */
export interface Told {
  readonly frames: readonly string[];
  readonly tables: readonly (readonly number[])[];
  readonly damage: readonly object[];
}

export const frameText = (table: number, step: number, values: ArrayLike<number>): string =>
  `${table} ${step}: ${Array.from(values).join(" ")}`;

/** Reads bytes that come in pieces. */
export function readPieces(pieces: readonly Uint8Array[]): Told {
  const source = new MemorySource();
  const reader = new NumbersReader(source);
  const frames: string[] = [];
  const read = (): void => {
    reader.readNew((table, step, values) => frames.push(frameText(table.number, step, values)));
  };
  for (const piece of pieces) {
    source.append(piece);
    read();
  }
  reader.finish((table, step, values) => frames.push(frameText(table.number, step, values)));
  return {
    frames,
    tables: reader.tables.map(({ steps }) => [...steps]),
    damage: reader.damage.map((damage) => ({ ...damage })),
  };
}

/** Damages bytes in a way and at places that `random` (from 0 to below 1) chooses: cut, flip, remove or insert. */
export function damaged(bytes: Buffer, random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  const at = below(bytes.length);
  const before = bytes.subarray(0, at);
  const length = 1 + below(80);
  switch (below(4)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, Buffer.of((bytes[at] ?? 0) ^ (1 + below(255))), bytes.subarray(at + 1)]);
    case 2:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    default:
      return Buffer.concat([before, Buffer.from(Array.from({ length }, () => below(256))), bytes.subarray(at)]);
  }
}

/**
 * The frames that are whole, of tables whose declaration is whole. Every block is another, and none changes its place
 * among them.
 */
export function wholeFrames(bytes: Buffer): string[] {
  const declared = new Set<number>();
  return smallBlocks.flatMap((block) => {
    if (!bytes.includes(block.bytes)) return [];
    if (block.step === null) declared.add(block.table);
    return block.step !== null && declared.has(block.table) ? [frameText(block.table, block.step, block.values)] : [];
  });
}

/** A small generator that gives the same numbers every time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
