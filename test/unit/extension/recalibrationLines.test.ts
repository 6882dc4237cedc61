import { strict as assert } from "node:assert";
import { RunSummary } from "../../../engine/judgement/runSummary";
import type { WrittenRecord } from "../../../engine/protocol/records";
import { recalibrationLines } from "../../../extension/runs/recalibrationLines";
import { read, runRecord } from "../judgement/makeSummary";

describe("the lines that recalibrate", () => {
  const lines = (...records: readonly WrittenRecord[]): string => {
    const summary = new RunSummary();
    for (const record of [runRecord(), ...records]) summary.record(read(record));
    return recalibrationLines(summary);
  };

  it("measure as many batches as the run's last population pass", () => {
    assert.equal(
      lines({ type: "population", step: 1, samples: 2000, layers: [] }),
      "import normlens\nnormlens.recalibrate(model, train_loader, batches=32)  # the weights stay the same\n",
    );
  });

  it("leave the number to the recorder where it is unknown", () => {
    const short = "import normlens\nnormlens.recalibrate(model, train_loader)  # the weights stay the same\n";
    assert.equal(lines(), short);
    assert.equal(lines({ type: "population", step: 1, layers: [] }), short);
  });
});
