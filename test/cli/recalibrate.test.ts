import assert from "node:assert/strict";
import { CommandLine, MNIST_MLP } from "./commandLine";

describe("normlens recalibrate", () => {
  const cli = new CommandLine();

  it("writes running statistics into a separate checkpoint, which training can start from", () => {
    const { runFolder } = cli.runJson("train", MNIST_MLP, "--steps", "5");
    const result = cli.runJson("recalibrate", String(runFolder), "--samples", "1000");
    assert.deepEqual(Object.keys(result), ["checkpoint", "samples", "testAccuracyBefore", "testAccuracyAfter"]);
    assert.equal(result["samples"], 960);
    const start = ["--init", String(result["checkpoint"]), "--steps", "1", "--lr", "0"];
    const { testAccuracy } = cli.runJson("train", MNIST_MLP, ...start);
    assert.ok(Number(testAccuracy) >= Number(result["testAccuracyBefore"]));
  });
});
