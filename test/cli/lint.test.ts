import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CLI, CommandLine } from "./commandLine";

interface Linted {
  readonly files: {
    readonly path: string;
    readonly unread: string | null;
    readonly findings: { readonly rule: string; readonly line: number }[];
  }[];
}

describe("normlens lint", () => {
  const cli = new CommandLine();

  const lintJson = (...args: string[]): Linted =>
    JSON.parse(cli.run("lint", ...args, "--format", "json").out) as Linted;
  const placed = ({ findings }: Linted["files"][number]): string[] =>
    findings.map(({ rule, line }) => `${line} ${rule}`);

  it("reads files and folders, with an exit code and as JSON", () => {
    cli.fixture("bad.py");
    cli.fixture("broken.py");
    assert.equal(cli.run("lint", ".", "--format", "json").code, 1);
    const byName = new Map(lintJson(".").files.map((file) => [file.path, file]));
    assert.deepEqual(placed(byName.get("bad.py")!), ["3 bias-before-norm", "3 eps-looks-like-momentum"]);
    assert.match(byName.get("broken.py")?.unread ?? "", /\S/);
    assert.equal(cli.run("lint", cli.fixture("good.py")).code, 0);
  });

  it("leaves out what a baseline records, wherever it has moved, and nothing else", () => {
    cli.fixture("bad.py");
    assert.match(cli.run("lint", ".", "--write-baseline", "known.json").out, /^2 findings .*known\.json/);
    assert.equal(cli.run("lint", "bad.py", "--baseline", "known.json").code, 0);
    cli.fixture("bad_and_more.py", "bad.py");
    const { code, out, errors } = cli.run("lint", ".", "--baseline", "known.json");
    assert.equal(code, 1);
    assert.match(errors, /^2 .* known\.json\.\n$/);
    assert.deepEqual(
      [...out.matchAll(/bad\.py:(\d+):\d+ \w+ ([\w-]+)/g)].map(([, line, rule]) => `${line} ${rule}`),
      ["5 bias-before-norm", "5 eps-looks-like-momentum"],
    );
    cli.fixture("good.py", "bad.py");
    assert.match(cli.run("lint", ".", "--baseline", "known.json").errors, /known\.json\. 2 /);
  });

  it("ends with 1 for a baseline that is none", () => {
    cli.write("known.json", "{}");
    const { code, out, errors } = cli.run("lint", cli.fixture("good.py"), "--baseline", "known.json");
    assert.deepEqual([code, out], [1, ""]);
    assert.match(errors, /^normlens: known\.json /);
  });

  it("shows a finding in a notebook by its cell", () => {
    cli.fixture("model.ipynb");
    assert.match(cli.run("lint", ".").out, /^model\.ipynb:cell 3:2:\d+ .* bias-before-norm: /);
    assert.doesNotMatch(cli.run("lint", "model.ipynb", "--format", "sarif").out, /"region"/);
  });

  it("finds the same from anywhere, by relative and by absolute paths", () => {
    cli.write("project/.git/HEAD", "");
    cli.fixture("project/train.py", "project/tools/train.py");
    cli.fixture("project/net.py", "project/src/nets/net.py");
    cli.fixture("project/net.py", "elsewhere/nets/net.py");
    const findings = (cwd: string, path: string): string[] => {
      const { code, out } = cli.runIn(cwd, "lint", path, "--format", "json");
      assert.equal(code, 1);
      return (JSON.parse(out) as Linted).files.flatMap((file) => placed(file));
    };
    const inside = findings("project", ".");
    assert.deepEqual(inside, ["15 missing-eval"]);
    assert.deepEqual(findings("elsewhere", join(cli.folder, "project")), inside);
    assert.deepEqual(findings("project/tools", ".."), inside);
  });

  it("shows paths relative to the working directory where they are in it", () => {
    cli.fixture("bad.py", "project/bad.py");
    const [inside] = lintJson("project").files;
    const [outside] = lintJson(join(cli.folder, "project")).files;
    assert.deepEqual([inside?.path, outside?.path], ["project/bad.py", join(cli.folder, "project", "bad.py")]);
  });

  it("colours severities when asked to, and never in a pipe by itself", () => {
    cli.fixture("bad.py");
    const coloured = (...env: string[]): boolean =>
      cli.start("env", ...env, process.execPath, CLI, "lint", ".").out.includes("\u001b[");
    assert.deepEqual(
      [coloured(), coloured("FORCE_COLOR=1"), coloured("FORCE_COLOR=1", "NO_COLOR=1")],
      [false, true, false],
    );
  });

  describe("a folder with many files", () => {
    const many = (): void => {
      for (let index = 0; index < 40; index++) cli.fixture(index % 3 === 0 ? "bad.py" : "good.py", `net${index}.py`);
      cli.fixture("broken.py");
    };
    const fileNames = ({ files }: Linted): string[] => files.map(({ path }) => path);

    it("finds in threads what it finds file by file, in the order of names", () => {
      many();
      const together = lintJson(".");
      const names = fileNames(together);
      assert.deepEqual(names, [...names].sort());
      assert.equal(names.length, 41);
      const alone = [names.slice(0, 14), names.slice(14, 28), names.slice(28)].map((some) => lintJson(...some));
      assert.deepEqual(
        together.files,
        alone.flatMap(({ files }) => files),
      );
    });

    it("says the same again from the cache, and keeps none where it is told so", () => {
      many();
      const first = cli.run("lint", ".", "--no-cache");
      assert.equal(existsSync(cli.cache), false);
      assert.deepEqual(cli.run("lint", "."), first);
      assert.equal(readdirSync(join(cli.cache, "normlens", "lint")).length, 1);
      assert.deepEqual(cli.run("lint", "."), first);
      cli.fixture("good.py", "net0.py");
      const after = cli.run("lint", ".");
      assert.notDeepEqual(after, first);
      assert.deepEqual(after, cli.run("lint", ".", "--no-cache"));
    });
  });
});
