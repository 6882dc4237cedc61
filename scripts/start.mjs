// See NormLens at work: VS Code opens on the examples with a training run going, and this terminal follows the run.
//   npm start                     Ctrl-C ends it
//   npm start -- --port 9000      where the npm-carried VS Code is served (default 8000, or a free one)
//   npm start -- --headless       no editor: train on the command line, with a table per layer, and exit
//   npm start -- --once           exit 0 once the run has ended (for tests; visits the served VS Code itself)
import { build } from "./build.mjs";
import { installPackages } from "./install.mjs";
import { openEditor } from "./lib/editors.mjs";
import { inRepo, root } from "./lib/paths.mjs";
import { run } from "./lib/process.mjs";
import { firstRunSince, progressLine, RunFollower } from "./lib/runProgress.mjs";
import { formatDuration, sleep } from "./lib/timing.mjs";
import { packageExtension } from "./package.mjs";

const EXAMPLES = inRepo("examples");
const EXAMPLE = "mnist_mlp.py";
const HEADLESS_ARGS = ["train", `examples/${EXAMPLE}`, "--data", "digits"];
const LINE_EVERY_MS = 2000;
const POLL_MS = 250;
const ONCE_TIMEOUT_MS = 5 * 60_000;

const options = parseArguments(process.argv.slice(2));
/** @type {import('./lib/editors.mjs').OpenEditor | undefined} */
let editor;
let ending = false;

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => void end(0));
try {
  await installPackages();
  await end(options.headless ? await trainOnCommandLine() : await trainInEditor());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await end(1);
}

/** @param {string[]} args */
function parseArguments(args) {
  const known = ["--headless", "--once", "--port"];
  const port = args.includes("--port") ? Number(args[args.indexOf("--port") + 1]) : undefined;
  const unknown = args.find((argument) => argument.startsWith("-") && !known.includes(argument));
  if (unknown !== undefined || (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))) {
    console.error(
      unknown !== undefined
        ? `Unknown option ${unknown}. There are: ${known.join(", ")}.`
        : "--port wants a number from 1 to 65535.",
    );
    process.exit(2);
  }
  return { headless: args.includes("--headless"), once: args.includes("--once"), ...(port !== undefined && { port }) };
}

async function trainOnCommandLine() {
  await build({ production: true });
  const { code } = await run(process.execPath, [inRepo("dist", "cli.js"), ...HEADLESS_ARGS], {
    cwd: root,
    timeoutMs: 60 * 60_000,
  });
  return code;
}

async function trainInEditor() {
  const vsix = await packageExtension();
  const startedAt = Date.now();
  const wish = {
    vsix,
    folder: EXAMPLES,
    file: EXAMPLE,
    visit: options.once,
    ...(options.port !== undefined && { port: options.port }),
  };
  editor = await openEditor(wish);
  announce(editor);
  const closed = (editor.closed ?? new Promise(() => {})).then(() => /** @type {const} */ ("closed"));
  const ended = followRuns(startedAt);
  if (options.once) {
    const first = await Promise.race([
      ended,
      closed,
      sleep(ONCE_TIMEOUT_MS).then(() => /** @type {const} */ ("timeout")),
    ]);
    if (first === "completed") return 0;
    console.error(`The run did not complete (${first}).`);
    return 1;
  }
  await closed; // and until then, Ctrl-C
  return 0;
}

/** @param {import('./lib/editors.mjs').OpenEditor} opened */
function announce(opened) {
  console.log(`VS Code: ${opened.description}`);
  if (opened.url)
    console.log(
      `\n  Open in a browser:\n  ${opened.url}\n\n  Training of examples/${EXAMPLE} begins when the page is ` +
        `open. Ctrl-C ends it.\n`,
    );
  else
    console.log(
      `\n  Training of examples/${EXAMPLE} begins in the window that opens. Ctrl-C here ends this ` +
        `terminal's view of it.\n`,
    );
}

/**
 * Print how the run goes, a line at most every two seconds, until it has ended.
 * @param {number} sinceMs
 * @returns {Promise<string>} how the run ended
 */
async function followRuns(sinceMs) {
  const file = await firstRun(sinceMs);
  const follower = new RunFollower(file);
  let printedAt = 0;
  let unprinted = false;
  for (;;) {
    unprinted = follower.readOn() || unprinted;
    const { status } = follower.progress;
    if (unprinted && (status !== undefined || Date.now() - printedAt >= LINE_EVERY_MS)) {
      console.log(`  ${follower.progress.name}  ${progressLine(follower.progress)}`);
      printedAt = Date.now();
      unprinted = false;
    }
    if (status !== undefined) {
      console.log(`  Run ${status} after ${formatDuration(Date.now() - sinceMs)}: ${file}`);
      return status;
    }
    await sleep(POLL_MS);
  }
}

/** @param {number} sinceMs */
async function firstRun(sinceMs) {
  for (;;) {
    const file = firstRunSince(inRepo("examples", ".normlens", "runs"), sinceMs);
    if (file !== undefined) return file;
    await sleep(POLL_MS);
  }
}

/** @param {number} code */
async function end(code) {
  if (ending) return;
  ending = true;
  await editor?.close();
  process.exit(code);
}
