import assert from "node:assert/strict";
import { delimiter, join, resolve } from "node:path";
import { debugVariables, terminalVariables } from "../../../extension/recording/recordedLaunch";

const OURS = resolve("/ours");
const RUNS = resolve("/project/.normlens/runs");
const LAUNCH = { bootstrap: OURS, runs: RUNS, launch: "a1", pythonPath: undefined };
const path = (...entries: readonly string[]): string => entries.join(delimiter);

describe("what a terminal gets", () => {
  it("is the folder in front of PYTHONPATH, and where the runs go", () => {
    assert.deepEqual(terminalVariables(OURS, RUNS), {
      replaced: { NORMLENS_RECORD: "1", NORMLENS_RUNS: RUNS },
      prepended: { PYTHONPATH: path(OURS, "") },
    });
  });
});

describe("what a Python debug session gets", () => {
  it("is what a terminal gets, and the id of its launch", () => {
    assert.deepEqual(debugVariables({}, LAUNCH), {
      NORMLENS_RECORD: "1",
      NORMLENS_RUNS: RUNS,
      NORMLENS_LAUNCH: "a1",
      PYTHONPATH: OURS,
    });
  });

  it("keeps what its configuration says", () => {
    const given = { PYTHONPATH: "/mine", SEED: "1", NORMLENS_RUNS: join(RUNS, "other"), PATH: null };
    assert.deepEqual(debugVariables(given, { ...LAUNCH, pythonPath: "/inherited" }), {
      NORMLENS_RECORD: "1",
      NORMLENS_RUNS: join(RUNS, "other"),
      NORMLENS_LAUNCH: "a1",
      PYTHONPATH: path(OURS, "/mine"),
      SEED: "1",
      PATH: null,
    });
  });

  it("keeps the PYTHONPATH that it would inherit", () => {
    const { PYTHONPATH } = debugVariables({}, { ...LAUNCH, pythonPath: path("/a", "/b") });
    assert.equal(PYTHONPATH, path(OURS, "/a", "/b"));
  });

  it("has the folder once, where a terminal has put it there", () => {
    const { PYTHONPATH } = debugVariables({}, { ...LAUNCH, pythonPath: path(OURS, "/a") });
    assert.equal(PYTHONPATH, path(OURS, "/a"));
  });
});
