import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readAll } from "../unit/support/readAll";
import { CLI, CommandLine, MNIST_MLP } from "./commandLine";

const SETTINGS =
  "--optimizer momentum --lr 0.02 --schedule cosine --warmup 4 --clip-norm 1 --weight-decay 0.001 --no-decay-norm " +
  "--accumulate 2 --keep-last";

describe("normlens train --resume", () => {
  const cli = new CommandLine();

  const train = (...settings: string[]): string => String(cli.runJson("train", MNIST_MLP, ...settings)["runFolder"]);

  it("continues from a checkpoint, and ends with the same bytes", () => {
    const whole = train("--steps", "12", "--checkpoint-every", "5", ...SETTINGS.split(" "));
    const resumed = cli.runJson("train", "--resume", join(whole, "checkpoint-5.safetensors"));
    assert.deepEqual([resumed["status"], resumed["steps"]], ["completed", 12]);
    const folder = String(resumed["runFolder"]);
    for (const name of ["checkpoint-10", "checkpoint-final", "checkpoint-final.training"])
      assert.ok(cli.read(whole, `${name}.safetensors`).equals(cli.read(folder, `${name}.safetensors`)), name);
    const again = readAll(join(cli.folder, folder));
    assert.equal(again.steps[0]?.step, 6);
    assert.ok(again.records.some((record) => record.type === "segment" && record.reason === "resumed"));
  });

  it("keeps the settings of the run, which `runs show` prints", () => {
    const whole = train("--steps", "4", ...SETTINGS.split(" "));
    const words = (folder: string): string =>
      / momentum, .*seed 1/m.exec(cli.run("runs", "show", folder).out)?.[0] ?? "";
    for (const value of ["lr 0.02", "cosine", "over 4 steps", "weight decay 0.001", "clipped at 1", "2 batches"])
      assert.ok(words(whole).includes(value), words(whole));
    const longer = cli.runJson("train", "--resume", whole, "--steps", "6");
    assert.equal(longer["steps"], 6);
    assert.equal(words(String(longer["runFolder"])), words(whole));
  });

  it("ends with 1 where there is nothing to resume", () => {
    const whole = train("--steps", "2");
    const checkRefused = (words: RegExp, name: string): void => {
      const { code, out, errors } = cli.run("train", "--resume", name);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(errors, words);
    };
    checkRefused(/^normlens: .* all 2 steps/, whole);
    checkRefused(/^normlens: nowhere /, "nowhere");
    cli.write(join(whole, "graph.json"), "{}");
    checkRefused(/^normlens: .*graph\.json /, whole);
  });

  it("continues a run whose process was killed", () => {
    const args = [CLI, "train", MNIST_MLP, "--steps", "1000000", "--checkpoint-every", "20"];
    const limits = { cwd: cli.folder, timeout: 5000, killSignal: "SIGKILL" } as const;
    assert.equal(spawnSync(process.execPath, args, limits).signal, "SIGKILL");
    const [name = ""] = readdirSync(join(cli.folder, ".normlens", "runs"));
    const files = readdirSync(join(cli.folder, ".normlens", "runs", name));
    const latest = Math.max(...files.map((file) => Number(/^checkpoint-(\d+)\.safetensors$/.exec(file)?.[1] ?? 0)));
    assert.ok(latest > 0);
    const resumed = cli.runJson("train", "--resume", name, "--steps", String(latest + 3));
    assert.deepEqual([resumed["status"], resumed["steps"]], ["completed", latest + 3]);
  });
});
