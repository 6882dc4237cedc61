import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CLI, CommandLine, type Json, MNIST_MLP } from "./commandLine";

describe("normlens train, where it can't", () => {
  const cli = new CommandLine();

  /** Exit code 1 with one line that has `words`; nothing is recorded. */
  const checkRefused = (words: RegExp, file: string, ...args: readonly string[]): void => {
    const { code, out, errors } = cli.run("train", file, ...args);
    assert.deepEqual([code, out], [1, ""], errors);
    assert.match(errors, /^normlens: [^\n]+\n$/);
    assert.match(errors, words);
    assert.equal(existsSync(join(cli.folder, ".normlens")), false);
  };

  it("names what is wrong with the file", () => {
    checkRefused(/line 2 .*broken\.py/i, cli.fixture("broken.py"));
    checkRefused(/cell 2 line 1|input shape/i, cli.fixture("unknown.ipynb"));
    checkRefused(/ 1 \(line 3\)/, cli.fixture("random_relu.py"), "--input", "1x28x28");
  });

  it("names what is wrong with the data", () => {
    checkRefused(/ nowhere: /, MNIST_MLP, "--data", "nowhere");
    checkRefused(/digits .* 1×28×28, .* 8/, cli.fixture("eight_features.py"));
    checkRefused(/blobs .* split/, cli.fixture("points.py"), "--data", "blobs", "--split", "0.5");
    checkRefused(/10×28×28 .* 28×28/, cli.fixture("one_convolution.py"), "--input", "1x28x28");
  });

  it("names what is wrong with the batch", () => {
    checkRefused(/99999 .* 6000 .* 6000\./, MNIST_MLP, "--batch", "99999");
    checkRefused(/bn1 \(line \d+\) /, MNIST_MLP, "--batch", "1");
    checkRefused(/6000 .* 857,.* bn1/, MNIST_MLP, "--batch", "857", "--keep-last");
    checkRefused(/ 1000: /, MNIST_MLP, "--batch", "1000", "--order", "one-class");
  });

  it("says that the engine can't run where WebAssembly or its memory is refused", () => {
    const train = [CLI, "train", MNIST_MLP, "--steps", "5"];
    const checkEngine = (words: RegExp, command: string, ...args: readonly string[]): void => {
      const { code, out, errors } = cli.start(command, ...args);
      assert.deepEqual([code, out], [1, ""], errors.slice(0, 500));
      assert.match(errors, words);
      assert.equal(existsSync(join(cli.folder, ".normlens")), false);
    };
    checkEngine(/^normlens: .*WebAssembly is not defined/m, process.execPath, "--jitless", ...train);
    checkEngine(/^normlens: .*WebAssembly\.Memory/, process.execPath, "--wasm-max-mem-pages=1", ...train);
    // What a process may address; WebAssembly reserves more than it uses.
    const limited = ["-c", `ulimit -v 5000000; exec "$0" "$@"`, process.execPath, ...train];
    checkEngine(/^normlens: .*could not allocate memory/, "bash", ...limited);
  });

  it("ends as failed when the disk refuses in the middle of a run, and keeps what was recorded", () => {
    // A limit on the file size imitates a full disk: 120 blocks of 1024 bytes have room for the beginning of the run
    // only.
    const args = [process.execPath, CLI, "train", MNIST_MLP, "--steps", "400", "--json"];
    const { code, out } = cli.start("bash", "-c", `ulimit -f 120; exec "$0" "$@"`, ...args);
    assert.equal(code, 1);
    const { status, runFolder } = JSON.parse(out) as Json;
    assert.equal(status, "failed");
    const shown = cli.runJson("runs", "show", String(runFolder));
    assert.ok(Number(shown["steps"]) > 10, `${shown["steps"]} steps were kept`);
    assert.notEqual(shown["status"], "running");
  });
});
