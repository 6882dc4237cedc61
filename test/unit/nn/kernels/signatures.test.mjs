// The kernels' arguments as TypeScript knows them are those of the sources and of the compiled modules.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import {
  fieldsOf,
  readSignatures,
  signatureModule,
  signaturesIn,
} from "../../../../engine/nn/kernels/kernelSignatures.mjs";
import { inRepo } from "../../../../scripts/lib/paths.mjs";

const kernels = inRepo("engine", "nn", "kernels");

describe("The signatures of the kernels", () => {
  const signatures = readSignatures(path.join(kernels, "assembly"));

  it("are committed as the sources have them", () => {
    assert.equal(
      fs.readFileSync(path.join(kernels, "signatures.ts"), "utf8"),
      signatureModule(signatures),
      "node engine/nn/kernels/build.mjs writes it",
    );
  });
  it("are those of the compiled module", async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    const bytes = fs.readFileSync(path.join(kernels, "build", "plain.wasm"));
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory, abort: () => undefined } });
    const compiled = Object.entries(instance.exports).flatMap(([name, value]) =>
      typeof value === "function" ? [[name, value.length]] : [],
    );
    const read = signatures.map(({ name, arguments: list }) => [name, list.length]);
    assert.deepEqual(compiled.sort(), read.sort());
  });
  it("are read over several lines, and without functions that are not exported", () => {
    const source =
      "function inner(a: i32): void {}\nexport function outer(\n  x: usize, count: i32,\n  rate: f32,\n): f64 {";
    assert.deepEqual(signaturesIn(source), [{ name: "outer", arguments: ["x", "count", "rate"], result: "number" }]);
  });
  it("make one field of loops, and one of an address with its strides", () => {
    const list = ["images", "rows", "positions", "x", "xImage", "xRow", "xPosition", "y", "yImage", "columns"];
    assert.deepEqual(
      fieldsOf(list).map(({ field, type }) => `${field}: ${type}`),
      ["region: Region", "x: Operand", "y: number", "yImage: number", "columns: number"],
    );
    assert.deepEqual(fieldsOf(list)[1]?.values, ["x.base", "x.image", "x.row", "x.position"]);
  });
});
