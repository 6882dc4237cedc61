import { strict as assert } from "node:assert";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { decodeIdx } from "../../../engine/data/idx";
import { ProblemError, type ProblemCode } from "../../../engine/protocol/problems";

/** An IDX file of unsigned bytes with the given sizes; values count up. */
export function idxFile(...sizes: number[]): Uint8Array {
  const count = sizes.reduce((product, size) => product * size, 1);
  const file = new Uint8Array(4 + 4 * sizes.length + count);
  file.set([0, 0, 8, sizes.length]);
  const view = new DataView(file.buffer);
  sizes.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  for (let index = 0; index < count; index++) file[4 + 4 * sizes.length + index] = index;
  return file;
}

function checkRefused(file: Uint8Array, code: ProblemCode, words: RegExp): void {
  assert.throws(
    () => decodeIdx("images.idx", file),
    (error) => error instanceof ProblemError && error.problem.code === code && words.test(error.message),
  );
}

describe("IDX files", () => {
  it("decodes plain and gzipped files alike", () => {
    const file = idxFile(2, 3, 4);
    for (const bytes of [file, gzipSync(file)]) {
      const { sizes, values } = decodeIdx("images.idx", bytes);
      assert.deepEqual(sizes, [2, 3, 4]);
      assert.deepEqual([...values], [...Array(24).keys()]);
    }
  });

  it("says how much of a truncated file is missing", () =>
    checkRefused(idxFile(2, 3, 4).subarray(0, 30), "data-truncated", /30 of 40 bytes/));
  it("refuses a truncated header", () => checkRefused(Uint8Array.of(0, 0, 8, 3, 0, 0), "data-truncated", /6 of 16/));
  it("refuses an empty file", () => checkRefused(new Uint8Array(0), "data-truncated", /0 of 4/));
  it("refuses other files", () =>
    checkRefused(Buffer.from("PK\u0003\u0004 not idx"), "data-malformed", /two zero bytes/));
  it("refuses other value types", () =>
    checkRefused(Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0), "data-malformed", /type 0xd/));
  it("refuses bytes after the end", () =>
    checkRefused(Uint8Array.of(...idxFile(2), 9), "data-malformed", /1 bytes follow/));
  it("refuses a header that claims gigabytes", () =>
    checkRefused(
      Uint8Array.of(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255),
      "data-malformed",
      /4294967295×4294967295/,
    ));
  it("refuses a gzip stream that ends too early", () =>
    checkRefused(gzipSync(idxFile(50, 50)).subarray(0, 40), "data-malformed", /gzip/));

  it("never throws anything but a problem, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, gzipped) => {
        try {
          decodeIdx("x", gzipped ? gzipSync(bytes) : bytes);
        } catch (error) {
          assert.ok(error instanceof ProblemError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});
