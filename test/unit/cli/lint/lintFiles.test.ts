/** Many files at once: in order, none lost, and from the cache exactly what reading again would give. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { cacheFolder, keepBelow } from "../../../../engine/cli/lint/cache/cacheFolder";
import { LintCache } from "../../../../engine/cli/lint/cache/lintCache";
import { lintFiles } from "../../../../engine/cli/lint/lintFiles";
import { type LintAnswer, Linter } from "../../../../engine/cli/lint/linter";
import { laneHere, type LintLane } from "../../../../engine/cli/lint/lintThread";

const TRAIN = `import torch
from parts import make
from deep.more import other

net = make()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for images, labels in train_loader:
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(net(images), labels).backward()
    optimizer.step()
with torch.no_grad():
    for images, labels in test_loader:
        print((net(images).argmax(1) == labels).sum().item(), other())
`;
const WITH_BN = `import torch.nn as nn
def make():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
`;
const WITHOUT_BN = WITH_BN.replace(", nn.BatchNorm2d(8)", "");

/** Asks who imports it, and for a file of settings. */
const NEEDS_ARGUMENTS = `import json
import torch.nn as nn
class Wide(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.bn = nn.BatchNorm2d(width, eps=json.load(open("sizes.json"))["eps"])
    def forward(self, x):
        return self.bn(self.conv(x))
`;
const CALLER = "from parts import Wide\nmodel = Wide(8)\n";

describe("Linting many files", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-many-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const at = (name: string): string => join(folder, "project", name);
  const write = (name: string, text: string): string => {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
    return at(name);
  };
  const project = (): void => {
    write("setup.py", "");
    write("train.py", TRAIN);
    write("parts.py", WITH_BN);
    write("deep/__init__.py", "");
    write("deep/more.py", "def other(): return 1\n");
  };
  const files = ["train.py", "parts.py", "deep/more.py"];
  const cache = (version = "1"): LintCache => new LintCache(join(folder, "cache"), version);
  const linted = async (kept: LintCache | null, lane = laneHere()): Promise<unknown> =>
    JSON.parse(JSON.stringify(await lintFiles(files.map(at), { lanes: [lane], cache: kept })));
  /** Fails where a file is linted: everything has to be known. */
  const nothing: LintLane = {
    lint: (path) => Promise.reject(new Error(`${path} was read again`)),
    end: () => Promise.resolve(),
  };

  it("keeps the order, whichever is done first", async () => {
    project();
    const waits = new Map(files.map((name, index) => [at(name), 20 - 8 * index]));
    const slow = (): LintLane => {
      const linter = new Linter();
      return {
        lint: async (path, bytes) => {
          await new Promise((resolve) => setTimeout(resolve, waits.get(path)));
          return linter.lint(path, bytes);
        },
        end: () => Promise.resolve(),
      };
    };
    const found = await lintFiles(files.map(at), { lanes: [slow(), slow(), slow()], cache: null });
    assert.deepEqual(
      found.map(({ path }) => path),
      files.map(at),
    );
  });

  it("answers from the cache without reading anything again", async () => {
    project();
    const first = await linted(cache());
    assert.match(JSON.stringify(first), /missing-eval/);
    assert.deepEqual(await linted(cache(), nothing), first);
    await assert.rejects(linted(cache("2"), nothing), /read again/);
  });

  it("never keeps what was not finished", async () => {
    project();
    const failing: LintLane = {
      lint: (): Promise<LintAnswer> =>
        Promise.resolve({
          linted: { unread: "No.", partial: null, note: null, findings: [], steps: 0 },
          questions: null,
        }),
      end: () => Promise.resolve(),
    };
    assert.match(JSON.stringify(await linted(cache(), failing)), /No\./);
    assert.deepEqual(await linted(cache()), await linted(null));
  });

  it("is the same with the cache as without, whatever changed", async () => {
    const change = fc.record({
      name: fc.constantFrom(
        "train.py",
        "parts.py",
        "parts/__init__.py",
        "deep/more.py",
        "deep/parts.py",
        "run.py",
        "sizes.json",
        ".git/HEAD",
      ),
      text: fc.constantFrom(null, WITH_BN, WITHOUT_BN, TRAIN, NEEDS_ARGUMENTS, CALLER, '{"eps": 0.1}', "def (\n", ""),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 2 }), { maxLength: 4 }), async (rounds) => {
        rmSync(join(folder, "project"), { recursive: true, force: true });
        project();
        await linted(cache());
        for (const round of rounds) {
          for (const { name, text } of round) {
            if (text === null) rmSync(at(name), { force: true });
            else write(name, text);
          }
          assert.deepEqual(await linted(cache()), await linted(null));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("sees a script that makes a model now, and settings that changed", async () => {
    project();
    write("parts.py", NEEDS_ARGUMENTS);
    for (const [name, text] of [
      ["run.py", CALLER],
      ["sizes.json", '{"eps": 1e-5}'],
      ["sizes.json", '{"eps": 0.5}'],
    ] as const) {
      const before = await linted(cache());
      write(name, text);
      const after = await linted(cache());
      assert.notDeepEqual(after, before, name);
      assert.deepEqual(after, await linted(null));
    }
  });

  it("takes a damaged cache for none", async () => {
    project();
    const first = await linted(cache());
    const [name = ""] = readdirSync(join(folder, "cache"));
    const path = join(folder, "cache", name);
    const whole = readFileSync(path, "utf8");
    for (const text of ["", "{", whole.slice(0, -5), whole.replace("missing-eval", "missing-evil"), `${whole} `]) {
      writeFileSync(path, text);
      assert.deepEqual(await linted(cache()), first);
    }
  });

  it("does without a cache that can't be written", async () => {
    project();
    writeFileSync(join(folder, "cache"), "a file where the folder should be");
    assert.deepEqual(await linted(cache()), await linted(null));
  });
});

describe("The folder of the cache", () => {
  it("is where the operating system wants it", () => {
    const of = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string =>
      cacheFolder({ platform, env, home: "/home/me" });
    assert.equal(of("linux", {}), join("/home/me", ".cache", "normlens", "lint"));
    assert.equal(of("linux", { XDG_CACHE_HOME: "/big" }), join("/big", "normlens", "lint"));
    assert.equal(of("linux", { XDG_CACHE_HOME: "not/absolute" }), join("/home/me", ".cache", "normlens", "lint"));
    assert.equal(of("darwin", {}), join("/home/me", "Library", "Caches", "normlens", "lint"));
    assert.equal(of("win32", { LOCALAPPDATA: "/local" }), join("/local", "normlens", "lint"));
    assert.equal(of("win32", {}), join("/home/me", "AppData", "Local", "normlens", "lint"));
  });

  it("loses what was written longest ago", () => {
    const folder = mkdtempSync(join(tmpdir(), "normlens-bound-"));
    for (const [index, name] of ["old", "middle", "new"].entries()) {
      writeFileSync(join(folder, name), "x".repeat(10));
      utimesSync(join(folder, name), index, index);
    }
    keepBelow(folder, 25);
    assert.deepEqual(readdirSync(folder).sort(), ["middle", "new"]);
    rmSync(folder, { recursive: true });
  });
});
