// Trains the runs of this folder again, healthy and faulty, with the command line of this checkout:
//   npm run build && node test/golden/runs/record.mjs
// What a run says about this machine is removed: the path of the model file.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const CLI = path.resolve(process.argv[2] ?? path.join(HERE, "../../../dist/cli.js"));

/**
 * @typedef {object} Case
 * @property {string} [note] an annotation on each BN line
 * @property {boolean} [twoHeads] returns a second output
 * @property {boolean} [plain] no BN at all
 * @property {readonly string[]} options of `normlens train`
 * @property {boolean} [cut] the end is taken away, as if the machine had stopped
 */

/** @type {Record<string, Case>} */
const CASES = {
  healthy: { options: ["--steps", "600", "--lr", "0.03"] },
  "stale-momentum": { note: "set momentum=0.001", options: ["--steps", "400"] },
  "follows-batches": { note: "set momentum=0.99", options: ["--steps", "400"] },
  "fast-weights": { options: ["--steps", "60", "--lr", "2"] },
  "tiny-batches": { options: ["--steps", "1500", "--batch", "4", "--lr", "0.1"] },
  lagging: { options: ["--steps", "400"] },
  "one-class-batches": { options: ["--steps", "400", "--order", "one-class", "--lr", "0.3"] },
  "learns-nothing": { options: ["--steps", "200", "--lr", "0.00001"] },
  diverged: { plain: true, options: ["--steps", "50", "--lr", "1e30"] },
  "without-bn": { plain: true, options: ["--steps", "300"] },
  "too-short": { options: ["--steps", "20"] },
  "broken-contract": { note: "frozen", options: ["--steps", "200"] },
  "two-outputs": { twoHeads: true, options: ["--steps", "200"] },
  interrupted: { options: ["--steps", "200"], cut: true },
};

/** @param {Case} choice */
function source({ note, twoHeads, plain }) {
  const norm = (/** @type {string} */ name) =>
    plain ? `self.${name} = nn.Identity()` : `self.${name} = nn.BatchNorm1d(12)${note ? `  # normlens: ${note}` : ""}`;
  return `# normlens: model Net() input=1x28x28 data=digits
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 12)
        ${norm("bn1")}
        self.fc2 = nn.Linear(12, 12)
        ${norm("bn2")}
        self.out = nn.Linear(12, 10)
${twoHeads ? "        self.other = nn.Linear(12, 5)\n" : ""}
    def forward(self, x):
        x = torch.relu(self.bn1(self.fc1(torch.flatten(x, 1))))
        x = torch.relu(self.bn2(self.fc2(x)))
        return ${twoHeads ? "self.out(x), self.other(x)" : "self.out(x)"}
`;
}

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-golden-"));
for (const [name, choice] of Object.entries(CASES)) {
  const folder = path.join(scratch, name);
  fs.mkdirSync(folder);
  const file = path.join(folder, "net.py");
  fs.writeFileSync(file, source(choice));
  const args = [CLI, "train", "net.py", ...choice.options, "--threads", "1", "--seed", "1", "--json"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (!stdout) throw new Error(`${name}: ${stderr}`);
  keep(name, path.join(folder, JSON.parse(stdout).runFolder), file, choice.cut === true);
  console.log(name, JSON.parse(stdout).status);
}
fs.rmSync(scratch, { recursive: true });

/**
 * @param {string} name
 * @param {string} recorded
 * @param {string} file the model's
 * @param {boolean} cut
 */
function keep(name, recorded, file, cut) {
  const target = path.join(HERE, name);
  fs.rmSync(target, { recursive: true, force: true });
  fs.mkdirSync(target);
  const lines = fs.readFileSync(path.join(recorded, "run.jsonl"), "utf8").trimEnd().split("\n");
  if (cut) lines.pop();
  const log = `${lines.join("\n")}\n`.replaceAll(JSON.stringify(file), JSON.stringify("net.py"));
  fs.writeFileSync(path.join(target, "run.jsonl"), log);
  fs.copyFileSync(path.join(recorded, "numbers.bin"), path.join(target, "numbers.bin"));
  // Of one run, for the pictures of the panel; the judgement of the others needs none.
  if (name === "stale-momentum")
    fs.copyFileSync(path.join(recorded, "samples.jsonl"), path.join(target, "samples.jsonl"));
}
