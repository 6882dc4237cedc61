import assert from "node:assert/strict";
import type { ExportTable } from "../../../engine/export/exportTables";
import { crc32c, maskedCrc32c } from "../../../engine/export/tensorboard/crc32c";
import { scalarRecord, versionRecord } from "../../../engine/export/tensorboard/eventFile";
import { eventRecords } from "../../../engine/export/tensorboard/scalars";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const table = (name: string, columns: string[], rows: (string | number | null)[][]): ExportTable => ({
  name,
  columns,
  rows: () => rows,
});

describe("TensorBoard event files", () => {
  it("have the checksums of RFC 3720", () => {
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
    assert.equal(crc32c(ascii("123456789")), 0xe3069283);
    // Rotated by 15 bits, plus a constant, in 32 bits.
    assert.equal(maskedCrc32c(new Uint8Array(32)), (((0x8a9136aa >>> 15) | (0x8a9136aa << 17)) + 0xa282ead8) >>> 0);
  });
  it("begin with their version", () => {
    const record = versionRecord(0);
    assert.equal(new DataView(record.buffer).getBigUint64(0, true), BigInt(record.length - 16));
    assert.ok(Buffer.from(record).includes("brain.Event:2"));
  });
  it("write a scalar as protobuf does", () => {
    const record = scalarRecord({ wallTime: 1, step: 300, scalars: [{ tag: "a/b", value: 0.5 }] });
    const message = record.subarray(12, -4);
    assert.equal(hex(message), ["09000000000000f03f", "10ac02", "2a0c", "0a0a", "0a03612f62", "150000003f"].join(""));
  });
  it("have a curve for each quantity and layer, and none for what is unknown", () => {
    const records = [
      ...eventRecords(
        [
          table("norms", ["rank", "step", "layer", "mean_shift"], [[1, 4, "bn1", 0.25]]),
          table("gaps", ["step", "layer", "gap"], [[4, "bn1", null]]),
          table("evaluations", ["step", "samples", "statistics", "loss"], [[4, 9, "running", 2]]),
          table("steps", ["step", "loss"], [[4, 1.5]]),
          table("channels", ["step", "layer", "channel", "gamma"], [[4, "bn1", 0, 1]]),
        ],
        7,
      ),
    ].map((bytes) => Buffer.from(bytes).toString("latin1"));
    assert.equal(records.length, 4);
    const tags = records.flatMap((text) => text.match(/[a-z_]+(\.\w+)?\/[\w. /]*\w/g) ?? []);
    assert.deepEqual(tags, [
      "mean_shift/bn1/rank 1",
      "evaluations.samples/running",
      "evaluations.loss/running",
      "steps/loss",
    ]);
  });
});
