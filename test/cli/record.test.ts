/** `normlens record`: any Python will do, for what is tested is the environment it gets and how it ends. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { CLI, CommandLine, plainEnv } from "./commandLine";

const BOOTSTRAP = resolve("dist", "python", "normlens", "attaching", "bootstrap");

/** An own process in place of Python: every machine that runs these tests has it. */
const NODE = process.execPath;

const hasPython = spawnSync("python3", ["--version"]).status === 0;

describe("normlens record", () => {
  const cli = new CommandLine();

  const environmentOf = (...options: readonly string[]): Record<string, string> => {
    const { out, errors } = cli.run("record", ...options, NODE, "-p", "JSON.stringify(process.env)");
    assert.equal(errors, "");
    return JSON.parse(out) as Record<string, string>;
  };

  it("sets the environment of the recorder", () => {
    const env = environmentOf("--runs", "out", "--name", "first try");
    const seen = ["NORMLENS_RECORD", "NORMLENS_RUN_NAME"].map((name) => env[name]);
    assert.deepEqual(seen, ["1", "first try"]);
    assert.match(env["NORMLENS_RUNS"] ?? "", /^(\/|[A-Z]:).*[\\/]out$/);
    assert.equal(env["PYTHONPATH"]?.split(/[:;]/)[0], BOOTSTRAP);
    assert.match(env["NORMLENS_LAUNCH"] ?? "", /^[0-9a-f]{16}$/);
    const again = environmentOf();
    assert.notEqual(again["NORMLENS_LAUNCH"], env["NORMLENS_LAUNCH"]);
    assert.match(again["NORMLENS_RUNS"] ?? "", /[\\/]\.normlens[\\/]runs$/);
    assert.equal(again["NORMLENS_RUN_NAME"], undefined);
  });

  it("passes the command's options, output and exit code on", () => {
    const program = cli.write("show.js", "console.log(process.argv.slice(2).join(' ')); process.exit(7);");
    for (const start of [[], ["--"]]) {
      const ended = cli.run("record", ...start, NODE, program, "--runs", "x", "--", "-h", "--version");
      assert.deepEqual(ended, { code: 7, out: "--runs x -- -h --version\n", errors: "" });
    }
  });

  it("says that there is no such command", () => {
    const { code, out, errors } = cli.run("record", "no-such-command", "--help");
    assert.deepEqual([code, out], [127, ""]);
    assert.equal(errors, "normlens: there is no command no-such-command here. Check its name and your PATH.\n");
  });

  it("says how to start a file of Python", function () {
    if (process.platform === "win32") this.skip();
    const { code, errors } = cli.run("record", `./${cli.write("train.py", "")}`);
    assert.equal(code, 126);
    assert.equal(
      errors,
      "normlens: ./train.py can't be started: it is not an executable file. " +
        "Start it with Python: normlens record python ./train.py\n",
    );
  });

  it("passes signals on, and ends as a shell does", async function () {
    if (process.platform === "win32") this.skip();
    for (const [signal, number] of [
      ["SIGTERM", 15],
      ["SIGINT", 2],
    ] as const) {
      const program = "console.log('ready'); setTimeout(() => {}, 60000)";
      const child = spawn(NODE, [CLI, "record", NODE, "-e", program], { env: plainEnv() });
      await once(child.stdout, "data");
      child.kill(signal);
      const [code] = (await once(child, "exit")) as [number | null];
      assert.equal(code, 128 + number);
    }
  });

  it("leaves the decision to a command that handles the signal", async function () {
    if (process.platform === "win32") this.skip();
    const program = "process.on('SIGINT', () => process.exit(3)); console.log('ready'); setTimeout(() => {}, 60000)";
    const child = spawn(NODE, [CLI, "record", NODE, "-e", program], { env: plainEnv() });
    await once(child.stdout, "data");
    child.kill("SIGINT");
    assert.deepEqual(await once(child, "exit"), [3, null]);
  });

  describe("with Python", () => {
    before(function () {
      if (!hasPython) this.skip();
    });

    it("attaches its processes, and gives a script the package", () => {
      cli.write("torch.py", "");
      const program = cli.write("train.py", "import torch, normlens, sys; print(normlens.__name__, sys.path[1])");
      const { code, out } = cli.run("record", "python3", program);
      assert.deepEqual([code, out], [0, `_normlens ${BOOTSTRAP}\n`]);
    });

    it("says which option keeps it out, and runs the command all the same", () => {
      const { code, out, errors } = cli.run("record", "python3", "-uI", "-c", "print('ran')");
      assert.deepEqual([code, out], [0, "ran\n"]);
      assert.equal(
        errors,
        "normlens: Python does not start the recorder with -I, so nothing is recorded. Leave out -I.\n",
      );
    });
  });
});
