/**
 * The help of the command line and its answers to wrong usage. The texts are in snapshots; NORMLENS_UPDATE=1 writes
 * them again.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkSnapshot } from "../unit/support/snapshot";
import { CLI, CommandLine, MNIST_MLP } from "./commandLine";

const SNAPSHOTS = join("test", "cli", "snapshots");

/** One command line a line; the model file is model.py. */
const WRONG = `

fly
trian
lint
lint model.py --format xml
lint model.py --fix
lint nowhere
lint model.py --baseline a --write-baseline b
inspect model.py other.py
inspect model.py --input 28by28
train
train model.py --speed 9
train model.py --epoch 3
train model.py --epoch=3
train model.py --lr
train model.py --data --json
train model.py --batch 0
train model.py --lr fast
train model.py --seed -1
train model.py --optimizer lion
train model.py --optimizer adm
train model.py --weight-decay=-1
train model.py --clip-norm 0
train model.py --split 1
train model.py --threads 0
train model.py --memory-limit lots
train model.py --normalize half
train model.py --nesterov
train model.py --optimizer adam --momentum 0.9
train model.py --schedule step:x
train model.py --schedule cosin
train model.py --schedule one-cycle --warmup 3
train model.py --loss l1
train model.py --loss mse --label-smoothing 0.1
train model.py --initialize normal
train model.py --drop-last --keep-last
train model.py --no-decay-norm
train model.py --epochs 1 --steps 1
train model.py --resume run
train --resume run --lr 1
train --resume run --no-decay-bias
recalibrate run --samples many
record
record --run x python train.py
record --runs
record --runs --name x python
runs shw
runs --json
runs list run
runs check`;

const HELP = ["", "inspect", "lint", "train", "record", "recalibrate", "runs", "runs list", "runs show", "runs check"];

const wordsOf = (line: string): string[] => line.split(" ").filter(Boolean);

describe("usage of the command line", () => {
  const cli = new CommandLine();

  it("is refused in two lines with exit code 2, the second one on what to do", () => {
    cli.fixture("points.py", "model.py");
    const told = WRONG.split("\n")
      .slice(1)
      .map((line) => {
        const { code, out, errors } = cli.run(...wordsOf(line));
        assert.deepEqual([code, out], [2, ""], `${line}: ${errors}`);
        assert.match(
          errors,
          /^normlens: [^\n]+\.\n(Did you mean [^\n]+\? )?Run "normlens [^\n]*--help" for all [^\n]+\.\n$/,
        );
        return `$ normlens ${line}\n${errors}`;
      });
    checkSnapshot(join(SNAPSHOTS, "usage.txt"), told.join("\n"));
  }).timeout(120_000);

  it("is explained by every command, with the options of that command", () => {
    const pages = HELP.map((command) => {
      const { code, out, errors } = cli.run(...wordsOf(command), "--help");
      assert.deepEqual([code, errors], [0, ""]);
      return `$ normlens ${[...wordsOf(command), "--help"].join(" ")}\n${out}`;
    });
    checkSnapshot(join(SNAPSHOTS, "help.txt"), pages.join("\n"));
  });

  it("fits on one screen for all commands", () => {
    assert.ok(cli.run("--help").out.split("\n").length <= 25);
  });

  it("gives the version of package.json", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    assert.deepEqual(cli.run("--version"), { code: 0, out: `${version}\n`, errors: "" });
  });

  it("says nothing when its reader has enough", () => {
    const piped = `"${process.execPath}" "${CLI}" train --help | head -n 1`;
    const { out, errors } = cli.start("bash", "-c", `${piped}; ${piped}`);
    assert.equal(out, "Usage: normlens train [options] FILE\n".repeat(2));
    assert.equal(errors, "");
  });

  it("takes an option twice for what was said last", () => {
    assert.equal(cli.run("inspect", MNIST_MLP, "--input", "3", "--input", "1x28x28", "--json").code, 0);
  });
});
