import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { CLI, CommandLine, MNIST_MLP } from "./commandLine";

describe("normlens train, over ten thousand steps", () => {
  const cli = new CommandLine();

  it("takes no more memory at the end than after some steps", async function () {
    if (process.platform !== "linux") {
      console.log("      skipped: resident memory is read from /proc");
      this.skip();
    }
    this.timeout(180_000);
    const resident = await residentMegabytes(["train", MNIST_MLP, "--data", "digits", "--steps", "10000", "--json"]);
    const third = Math.floor(resident.length / 3);
    assert.ok(third >= 5, `${resident.length} readings`);
    const middle = Math.max(...resident.slice(third, 2 * third));
    const last = Math.max(...resident.slice(-third));
    console.log(`      ${middle.toFixed(0)} MB, then ${last.toFixed(0)} MB`);
    assert.ok(last < 1.1 * middle + 10, `${middle.toFixed(0)} MB, then ${last.toFixed(0)} MB`);
  });

  /** The resident memory of a command that succeeds, ten times a second. */
  async function residentMegabytes(args: readonly string[]): Promise<number[]> {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: cli.folder, stdio: "ignore" });
    const status = `/proc/${child.pid ?? 0}/status`;
    const resident: number[] = [];
    const timer = setInterval(() => {
      // A child that is ending has no memory any more.
      const kilobytes = /VmRSS:\s+(\d+)/.exec(existsSync(status) ? readFileSync(status, "utf8") : "")?.[1];
      if (kilobytes !== undefined) resident.push(Number(kilobytes) / 1024);
    }, 100);
    const [code] = (await once(child, "exit").finally(() => clearInterval(timer))) as [number];
    assert.equal(code, 0);
    return resident;
  }
});
