import { strict as assert } from "node:assert";
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import type { TableDeclaration } from "../../../engine/protocol/numbers";
import { FileSource } from "../../../engine/runs/byteSource";
import { HEADER, encodeDeclaration, lastFrameStep } from "../../../engine/runs/numbers/numbersFormat";
import { NumbersReader } from "../../../engine/runs/numbers/numbersReader";
import { NumbersWriter } from "../../../engine/runs/numbers/numbersWriter";
import {
  damaged,
  frameBlock,
  frameText,
  normsTable,
  readPieces,
  seeded,
  smallBlocks,
  smallFile,
  stepsTable,
  wholeFrames,
} from "./smallNumbers";

const kindsOf = (bytes: Uint8Array): unknown[] =>
  readPieces([bytes]).damage.map((found) => ("kind" in found ? found.kind : ""));
const file = (...blocks: readonly Uint8Array[]): Buffer => Buffer.concat([HEADER, ...blocks]);
const stepFrame = (step: number): Buffer => frameBlock(0, stepsTable, step, [step, 0]);
const steps = encodeDeclaration(0, stepsTable);

describe("a binary file of numbers", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-numbers-"));
    path = join(folder, "numbers.bin");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(declaration: TableDeclaration, frames: readonly (readonly number[])[]): NumbersReader {
    const writer = new NumbersWriter(path);
    const table = writer.declare(declaration);
    frames.forEach((values, index) => writer.frame(table, index, values));
    writer.flush();
    writer.close();
    const reader = new NumbersReader(new FileSource(path));
    reader.readNew();
    return reader;
  }

  it("gives back any table", () => {
    const name = fc.string({ maxLength: 8, unit: "grapheme" });
    const model = {
      name,
      columns: fc.array(name, { minLength: 1, maxLength: 4 }),
      layers: fc.uniqueArray(name, { maxLength: 3 }),
      values: fc.integer({ min: 1, max: 5 }),
      type: fc.constantFrom("float32" as const, "float64" as const),
    };
    const shape = fc.record(model, { noNullPrototype: true });
    fc.assert(
      fc.property(shape, fc.nat(4), fc.infiniteStream(fc.double()), (declaration, count, stream) => {
        rmSync(path, { force: true });
        const length = Math.max(1, declaration.layers.length) * declaration.columns.length * declaration.values;
        const round = declaration.type === "float32" ? Math.fround : Number;
        const frames = Array.from({ length: count }, () => [...stream.take(length)].map(round));
        const reader = write(declaration, frames);
        const [table] = reader.tables;
        assert.ok(table);
        assert.deepEqual(table.declaration, declaration);
        assert.deepEqual(
          frames.map((_, index) => [...reader.frame(table, index).values]),
          frames,
        );
        assert.deepEqual(reader.damage, []);
      }),
      { numRuns: 60 },
    );
  });

  it("contains a network of a thousand layers, a layer of 2,048 channels, and one of one", () => {
    const layers = Array.from({ length: 1000 }, (_, index) => `features.${index}.bn`);
    const wide = write({ name: "norms", columns: ["mean_shift", "passes"], layers, values: 1, type: "float32" }, [
      layers.flatMap((_, index) => [index, 1]),
    ]);
    assert.ok(wide.tables[0]);
    assert.equal(wide.frame(wide.tables[0], 0).values[2 * 999], 999);
    for (const channels of [1, 2048]) {
      rmSync(path);
      const values = Array.from({ length: channels }, (_, index) => index);
      const reader = write(
        { name: "channels", columns: ["gamma"], layers: ["bn"], values: channels, type: "float32" },
        [values],
      );
      assert.ok(reader.tables[0]);
      assert.deepEqual([...reader.frame(reader.tables[0], 0).values], values);
    }
  });

  it("without a frame has its tables, and without a file none", () => {
    assert.deepEqual(new NumbersReader(new FileSource(path)).readNew(), { frames: 0, replaced: false });
    assert.deepEqual(
      write(stepsTable, []).tables.map(({ count }) => count),
      [0],
    );
    assert.deepEqual(readPieces([HEADER]), { frames: [], tables: [], damage: [] });
  });

  it("is read in any part, in the order of steps", () => {
    const reader = write(
      stepsTable,
      [0, 1, 2, 3, 4].map((step) => [step, -step]),
    );
    const seen: number[][] = [];
    const [table] = reader.tables;
    assert.ok(table);
    reader.read(table, 1, 4, (index, values) => seen.push([index, ...values]));
    assert.deepEqual(seen, [
      [1, 1, -1],
      [2, 2, -2],
      [3, 3, -3],
    ]);
    assert.throws(() => reader.frame(table, 5), /no frame 5/);
  });

  it("that grows byte by byte says the same as one that is there at once, damaged or not", () => {
    const random = seeded(7);
    for (let round = 0; round < 40; round++) {
      const bytes = round === 0 ? smallFile : damaged(smallFile, random);
      assert.deepEqual(readPieces([...bytes].map((byte) => Uint8Array.of(byte))), readPieces([bytes]));
    }
  });

  it("cut anywhere gives what is whole, and waits for the rest", () => {
    const all = readPieces([smallFile]).frames;
    for (let length = 0; length <= smallFile.length; length++) {
      const parts = [smallFile.subarray(0, length), smallFile.subarray(length)];
      assert.deepEqual(readPieces(parts.slice(0, 1)).frames, wholeFrames(smallFile.subarray(0, length)));
      assert.deepEqual(readPieces(parts), { ...readPieces([smallFile]), frames: all });
    }
  });

  it("damaged ten thousand times gives every frame that is whole, with its numbers, and no other", () => {
    const random = seeded(1);
    for (let round = 0; round < 10_000; round++) {
      let bytes: Buffer = smallFile;
      for (let count = 1 + Math.floor(random() * 3); count > 0 && bytes.length > 0; count--)
        bytes = damaged(bytes, random);
      const cut = Math.floor(random() * bytes.length);
      const read = readPieces([bytes.subarray(0, cut), bytes.subarray(cut)]);
      assert.deepEqual(read.frames, wholeFrames(bytes), `round ${round}`);
      if (round % 10 === 0) assert.deepEqual(read, readPieces([bytes]), `round ${round}`);
      if (bytes.length >= smallFile.length && !bytes.equals(smallFile))
        assert.ok(read.damage.length > 0, `round ${round}`);
    }
  });

  it("reports where it is damaged", () => {
    const bytes = file(steps, stepFrame(1), stepFrame(2), stepFrame(3));
    const at = HEADER.length + steps.length + stepFrame(1).length;
    bytes[at + 20] = 0xff;
    assert.deepEqual(readPieces([bytes]).damage, [
      { kind: "checksum", offset: at, bytes: stepFrame(2).length, table: null, step: null },
    ]);
    const torn = file(steps, stepFrame(1)).subarray(0, -3);
    assert.deepEqual(readPieces([torn]).damage, [
      { kind: "torn", offset: HEADER.length + steps.length, bytes: stepFrame(1).length - 3, table: null, step: null },
    ]);
  });

  it("skips doubled frames, sorts disordered ones in, and takes no step that is none", () => {
    const read = readPieces([file(steps, ...[5, 5, 3, 3, 4, 6, 1.5, -1, Number.NaN].map(stepFrame))]);
    assert.deepEqual(read.tables, [[3, 4, 5, 6]]);
    assert.deepEqual(
      read.damage.map((found) => ("kind" in found && "step" in found ? [found.kind, found.step] : [])),
      [
        ["doubled", 5],
        ["disordered", 3],
        ["doubled", 3],
        ["disordered", 4],
        ["step", null],
        ["step", null],
        ["step", null],
      ],
    );
    assert.equal(read.frames.length, 4);
  });

  it("sorts any order of frames", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.nat(20), (order, cut) => {
        const blocks = order.map(stepFrame);
        const { tables, frames } = readPieces([file(steps, ...blocks.slice(0, cut)), Buffer.concat(blocks.slice(cut))]);
        const expected = [...new Set(order)];
        assert.deepEqual(
          frames,
          expected.map((step) => frameText(0, step, [step, 0])),
        );
        assert.deepEqual(tables, [expected.sort((a, b) => a - b)]);
      }),
      { numRuns: 200 },
    );
  });

  it("refuses declarations that cannot be, and keeps the first of two that differ", () => {
    const declared = (declaration: unknown): Buffer => encodeDeclaration(0, declaration as TableDeclaration);
    const absurd = [
      null,
      {},
      { ...stepsTable, columns: [] },
      { ...stepsTable, values: 0 },
      { ...stepsTable, values: 1e15 },
      { ...stepsTable, type: "int8" },
    ];
    for (const declaration of absurd) assert.deepEqual(kindsOf(file(declared(declaration))), ["declaration"]);
    assert.deepEqual(kindsOf(file(declared({ name: "steps", columns: ["loss"], type: "float32" }))), []);
    assert.deepEqual(kindsOf(file(steps, steps, stepFrame(1))), []);
    assert.deepEqual(kindsOf(file(steps, encodeDeclaration(0, normsTable), stepFrame(1))), ["declaration"]);
    const endless = Buffer.from(steps);
    endless.writeUInt32LE(0xffffffff, 8);
    assert.deepEqual(kindsOf(file(endless, steps, stepFrame(1))), ["declaration"]);
  });

  it("does not wait for a block whose length is damaged when another comes after it", () => {
    const long = Buffer.from(steps);
    long.writeUInt32LE(1 << 20, 8);
    const { tables, damage: found } = readPieces([file(long, steps, stepFrame(1))]);
    assert.deepEqual(tables, [[1]]);
    assert.equal(found.length, 1);
  });

  it("that is damaged all over does not fill the memory with it", () => {
    const reader = write(stepsTable, []);
    appendFileSync(path, Buffer.concat(Array.from({ length: 3000 }, () => stepFrame(-1))));
    reader.readNew();
    assert.deepEqual([reader.damage.length, reader.damageCount], [1000, 3000]);
  });

  it("that is replaced, cut or written again is read from its start", () => {
    writeFileSync(path, smallFile);
    const reader = new NumbersReader(new FileSource(path));
    const count = reader.readNew().frames;
    assert.deepEqual(reader.readNew(), { frames: 0, replaced: false });
    truncateSync(path, smallFile.length - 5);
    assert.deepEqual(reader.readNew(), { frames: count - 1, replaced: true });
    writeFileSync(path, file(steps, stepFrame(1), ...Array.from({ length: 99 }, (_, index) => stepFrame(index + 2))));
    assert.deepEqual(reader.readNew(), { frames: 100, replaced: true });
    writeFileSync(join(folder, "other"), readFileSync(path));
    renameSync(join(folder, "other"), path);
    assert.deepEqual(reader.readNew(), { frames: 100, replaced: true });
  });

  it("that is deleted keeps its steps; its numbers are unknown then", () => {
    writeFileSync(path, smallFile);
    const reader = new NumbersReader(new FileSource(path));
    reader.readNew();
    rmSync(path);
    assert.deepEqual(reader.readNew(), { frames: 0, replaced: false });
    assert.ok(reader.tables[0]);
    assert.deepEqual(reader.frame(reader.tables[0], 0), {
      table: stepsTable,
      step: 1,
      values: Float64Array.of(NaN, NaN),
    });
  });

  it("is gone on with by a second writer", () => {
    write(stepsTable, [[1, 1]]);
    const writer = new NumbersWriter(path);
    const table = writer.declare(normsTable);
    writer.frame(table, 7, [1, 2, 3, 4]);
    writer.flush();
    writer.close();
    const reader = new NumbersReader(new FileSource(path));
    reader.readNew();
    assert.deepEqual(
      reader.tables.map(({ steps: [step] }) => step),
      [0, 7],
    );
    assert.throws(() => writer.frame(table, 8, [1]), /takes 4 values a frame, not 1/);
  });

  it("gives its last step from its last bytes", () => {
    const { bytes } = smallBlocks.at(-1) ?? { bytes: Buffer.alloc(0) };
    assert.equal(lastFrameStep(smallFile.subarray(30)), 6);
    assert.equal(lastFrameStep(smallFile.subarray(0, -1)), 6);
    assert.equal(lastFrameStep(smallFile.subarray(0, -bytes.length - 1)), 5);
    assert.equal(lastFrameStep(Buffer.alloc(10)), null);
    assert.equal(lastFrameStep(file(steps)), null);
  });
});
