// The pure parts of the VS Code stand-in: reading a command line, reading what the server says, the lock.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseCommandLine } from "../../host/commandLine.mjs";
import { withLock } from "../../host/lock.mjs";
import { parseServerOutput } from "../../host/server.mjs";

describe("the command line of VS Code", () => {
  it("is read as runTests() writes it", () => {
    const parsed = parseCommandLine([
      "/w",
      "--disable-extensions",
      "--no-sandbox",
      "--skip-welcome",
      "--extensionTestsPath=/t",
      "--extensionDevelopmentPath=/a",
      "--extensionDevelopmentPath=/b",
      "--user-data-dir=/u",
    ]);
    assert.deepEqual(parsed, {
      folder: "/w",
      developmentPaths: ["/a", "/b"],
      testsPath: "/t",
      userData: "/u",
      extensions: undefined,
      disableExtensions: true,
      disableWorkspaceTrust: false,
      skipWelcome: true,
      version: false,
    });
  });

  it("takes a value from the next argument, and paths as file addresses", () => {
    const parsed = parseCommandLine(["--user-data-dir", "/u", "--folder-uri", "file:///w%20x"]);
    assert.deepEqual([parsed.userData, parsed.folder], ["/u", "/w x"]);
  });
});

describe("what the server says", () => {
  it("gives its address on the interface it listens on", () => {
    assert.equal(
      parseServerOutput("...\nWeb UI available at http://localhost:1234\n").url?.href,
      "http://127.0.0.1:1234/",
    );
  });
  it("tells a killed extension host from one that ended", () => {
    const exit = (/** @type {string} */ text) =>
      parseServerOutput(`Extension Host Process exited with code: ${text}`).extensionHostExit;
    assert.deepEqual(exit("0, signal: null."), { code: 0, signal: null });
    assert.deepEqual(exit("null, signal: SIGKILL."), { code: null, signal: "SIGKILL" });
    assert.equal(parseServerOutput("nothing yet").extensionHostExit, undefined);
  });
});

describe("the lock between processes", () => {
  const lock = path.join(os.tmpdir(), `normlens-lock-test-${process.pid}`);
  afterEach(() => fs.rmSync(lock, { recursive: true, force: true }));

  it("lets one at a time work", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    await Promise.all([withLock(lock, { timeoutMs: 5000 }, work), withLock(lock, { timeoutMs: 5000 }, work)]);
    assert.deepEqual([most, fs.existsSync(lock)], [1, false]);
  });

  it("is taken over from a process that has gone", async () => {
    fs.mkdirSync(lock);
    fs.writeFileSync(path.join(lock, "pid"), "999999999");
    assert.equal(await withLock(lock, { timeoutMs: 1000 }, async () => "done"), "done");
  });

  it("gives up in time", async () => {
    fs.mkdirSync(lock);
    fs.writeFileSync(path.join(lock, "pid"), String(process.ppid));
    await assert.rejects(
      withLock(lock, { timeoutMs: 10 }, async () => "done"),
      /still holds/,
    );
  });
});
