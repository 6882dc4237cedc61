import assert from "node:assert/strict";
import { blockingOption } from "../../../engine/cli/pythonOptions";

/** A command line, and the option that keeps Python from starting the recorder. */
const CASES: readonly (readonly [string, string | null])[] = [
  ["python train.py", null],
  ["python -I train.py", "-I"],
  ["/usr/bin/python3.12 -u -S train.py", "-S"],
  ["python3 -uE train.py", "-E"],
  ["C:\\Python\\python.exe -I train.py", "-I"],
  ["py -3 -I train.py", "-I"],
  ["python3.14t -I train.py", "-I"],
  ["python -P train.py", null],
  ["python train.py -I", null],
  ["python -c pass -I", null],
  ["python -cI", null],
  ["python -m trainer -S", null],
  ["python -W error -S train.py", "-S"],
  ["python -Werror -S train.py", "-S"],
  ["python -WIES train.py", null],
  ["python -X dev train.py", null],
  ["python --check-hash-based-pycs always -S train.py", "-S"],
  ["python -", null],
  ["python", null],
  ["torchrun -I train.py", null],
  ["pythonic -I", null],
];

describe("options of Python that keep the recorder out", () => {
  for (const [line, option] of CASES)
    it(`${line}: ${option ?? "none"}`, () => {
      const [program = "", ...args] = line.split(" ");
      assert.equal(blockingOption(program, args), option);
    });
});
