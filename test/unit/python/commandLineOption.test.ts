/** Options as argparse names them and fills them in. The expectations are what CPython's argparse gives. */
import { strict as assert } from "node:assert";
import {
  impliedDefault,
  isPositionalOption,
  type OptionDescription,
  optionName,
} from "../../../engine/python/commandLineOption";

const option = (flags: readonly string[], more: Partial<OptionDescription> = {}): OptionDescription => ({
  flags,
  dest: null,
  action: null,
  ...more,
});

describe("a command line option", () => {
  it("is called as its first long flag, else its first flag, unless it says otherwise", () => {
    assert.equal(optionName(option(["-b", "--batch-size", "--bs"])), "batch_size");
    assert.equal(optionName(option(["-b"])), "b");
    assert.equal(optionName(option(["data"])), "data");
    assert.equal(optionName(option(["--lr"], { dest: "rate" })), "rate");
    assert.equal(optionName(option([])), null);
  });

  it("without a flag has to be given in its place", () => {
    assert.deepEqual([option(["data"]), option(["--data"]), option([])].map(isPositionalOption), [true, false, false]);
  });

  it("that nobody gives is what its action implies", () => {
    const actions = ["store_true", "store_false", "store", null];
    assert.deepEqual(
      actions.map((action) => impliedDefault(option(["--x"], { action }))),
      [false, true, null, null],
    );
  });
});
