// The entry VS Code calls inside its extension host: run the tests for this kind of window with mocha.
import fs from "node:fs";
import path from "node:path";
import Mocha from "mocha";
import * as vscode from "vscode";
import { waitFor } from "./support";

// Failures then name lines of the TypeScript sources.
process.setSourceMapsEnabled(true);

/** Called by VS Code; rejecting makes the run fail. The counts go to the file the runner named. */
export async function run(): Promise<void> {
  const root = process.env["NORMLENS_REPO_ROOT"];
  if (root === undefined) throw new Error("Start this suite with test/integration/runner.mjs.");
  const mocha = new Mocha({
    color: false,
    forbidOnly: true,
    reporter: path.join(root, "test/host/countingReporter.cjs"),
    slow: 2000,
    timeout: 120_000,
    rootHooks: { beforeAll: [openFolders, startExtensions] },
  });
  // NORMLENS_TEST_GREP="a notebook" npm test -- integration
  if (process.env["NORMLENS_TEST_GREP"]) mocha.grep(process.env["NORMLENS_TEST_GREP"]);
  const suite = path.join(__dirname, process.env["NORMLENS_TEST_SUITE"] ?? ".");
  const files = fs.readdirSync(suite).filter((name) => name.endsWith(".test.js"));
  for (const file of files.sort()) mocha.addFile(path.join(suite, file));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} integration tests failed`);
}

/** A remote VS Code may learn the folders of a workspace file after it starts the tests. */
async function openFolders(): Promise<void> {
  await waitFor("the workspace's folders", () => vscode.workspace.workspaceFolders?.length);
}

/**
 * VS Code cancels a request for code actions when an extension registers a provider meanwhile, and asks again for the
 * editor that a person sees. A test asks once: it begins when all extensions that start by themselves have started.
 */
async function startExtensions(): Promise<void> {
  const startsByItself = ({ id, packageJSON }: vscode.Extension<unknown>): boolean => {
    const { activationEvents = [] } = packageJSON as { activationEvents?: readonly string[] };
    return (
      id === "normlens.normlens" || activationEvents.some((event) => event === "*" || event === "onStartupFinished")
    );
  };
  await Promise.allSettled(vscode.extensions.all.filter(startsByItself).map((extension) => extension.activate()));
}
