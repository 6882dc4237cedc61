/** The command line as a process in a temporary folder, for the tests of each command. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const CLI = join(process.cwd(), "dist", "cli.js");
export const MNIST_MLP = join(process.cwd(), "examples", "mnist_mlp.py");
const FIXTURES = join(process.cwd(), "test", "cli", "fixtures");

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- read back from a process: its shape is under test
export type Json = Record<string, any>;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Whoever runs the tests may have asked for colours. */
export function plainEnv(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, NO_COLOR: _no, ...env } = process.env;
  return env;
}

function endOf(command: string, args: readonly string[], cwd: string, cache: string): Ended {
  const env = { ...plainEnv(), XDG_CACHE_HOME: cache };
  const options = { cwd, encoding: "utf8", timeout: 60_000, env } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  return { code: status, out: stdout, errors: stderr };
}

/** A folder that each test of the surrounding `describe` gets for itself, and the commands that run in it. */
export class CommandLine {
  folder = "";

  constructor() {
    beforeEach(() => (this.folder = mkdtempSync(join(tmpdir(), "normlens-cli-"))));
    afterEach(() => {
      rmSync(this.folder, { recursive: true });
      rmSync(this.cache, { recursive: true, force: true });
    });
  }

  /** Beside the folder: what a command keeps there is no file of the project. */
  get cache(): string {
    return `${this.folder}-cache`;
  }

  readonly run = (...args: readonly string[]): Ended => this.runIn("", ...args);

  /** In a folder below. */
  runIn(folder: string, ...args: readonly string[]): Ended {
    return endOf(process.execPath, [CLI, ...args], join(this.folder, folder), this.cache);
  }

  /** Another program in the same folder. */
  start(command: string, ...args: readonly string[]): Ended {
    return endOf(command, args, this.folder, this.cache);
  }

  /** The one JSON document that a command prints. */
  readonly runJson = (...args: readonly string[]): Json => JSON.parse(this.run(...args, "--json").out) as Json;

  /** Writes a file below the folder, and returns its name. */
  write(name: string, content: string | Uint8Array): string {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), content);
    return name;
  }

  /** Copies a file of test/cli/fixtures into the folder, and returns its name there. */
  fixture(name: string, target = name): string {
    mkdirSync(dirname(join(this.folder, target)), { recursive: true });
    copyFileSync(join(FIXTURES, name), join(this.folder, target));
    return target;
  }

  read(...parts: readonly string[]): Buffer {
    return readFileSync(join(this.folder, ...parts));
  }

  /** The example with BN, with comments that take BN away. */
  writeWithoutBn(name: string): string {
    return this.write(name, readFileSync(MNIST_MLP, "utf8").replace(/(self\.bn\d = .*)/g, "$1  # normlens: remove"));
  }
}
