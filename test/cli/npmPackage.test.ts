import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CommandLine, type Ended, type Json, MNIST_MLP } from "./commandLine";

describe("the npm package", () => {
  const cli = new CommandLine();
  const root = process.cwd();
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

  it("is installed offline, and has everything that commands need", () => {
    const packed = spawnSync(process.execPath, ["scripts/packNpm.mjs", "--built"], { encoding: "utf8" });
    assert.equal(packed.status, 0, packed.stderr);
    const tarball = join(root, "dist", `normlens-${version}.tgz`);
    const installed = cli.start("npm", "install", "--offline", "--no-audit", tarball);
    assert.equal(installed.code, 0, installed.errors);
    const manifest = JSON.parse(cli.read("node_modules", "normlens", "package.json").toString()) as Json;
    const foreign = ["dependencies", "devDependencies", "scripts", "contributes", "private"];
    assert.deepEqual(
      Object.keys(manifest).filter((field) => foreign.includes(field)),
      [],
    );

    const npx = (...args: string[]): Ended => cli.start("npx", "--no-install", "normlens", ...args);
    assert.deepEqual(npx("--version"), { code: 0, out: `${version}\n`, errors: "" });
    assert.match(npx("lint", "--help").out, /^Usage: normlens lint /);
    assert.deepEqual([npx("trian").code, npx("trian").out], [2, ""]);
    const { files } = JSON.parse(npx("lint", join(root, "examples"), "--format", "json").out) as Json;
    assert.ok(files.length > 0);
    // The recorder's Python package is carried along.
    const [bootstrap = ""] = npx("record", "node", "-p", "process.env.PYTHONPATH").out.split(delimiter);
    assert.ok(existsSync(join(bootstrap.trim(), "sitecustomize.py")), bootstrap);
    assert.ok(existsSync(join(bootstrap.trim(), "..", "arming.py")));
    // Two threads: the second one runs kernelWorker.js.
    const settings = ["--data", "digits", "--steps", "20", "--threads", "2", "--json"];
    const trained = JSON.parse(npx("train", MNIST_MLP, ...settings).out) as Json;
    assert.deepEqual([trained["status"], trained["steps"], trained["threads"]], ["completed", 20, 2]);
  }).timeout(180_000);
});
