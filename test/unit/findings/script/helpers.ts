import { strict as assert } from "node:assert";
import { scriptFindings } from "../../../../engine/findings/script/scriptFindings";
import { parsePython } from "../../../../engine/python/parse";
import type { ResolveModule } from "../../../../engine/python/resolveModule";
import type { SourceFinding } from "../../../../engine/findings/sourceFinding";

/** A network with BN, its loaders and what training needs. */
export const PRELUDE = `import copy
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader
import torchvision
from torchvision import datasets, models, transforms

class Net(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, width, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(width, 10)

    def forward(self, x):
        return self.fc(self.drop(self.features(x).mean((2, 3))))

train_loader = DataLoader(datasets.CIFAR10("data", train=True), batch_size=64, shuffle=True)
val_loader = DataLoader(datasets.CIFAR10("data", train=False), batch_size=64)
criterion = nn.CrossEntropyLoss()
`;

const OFFSET = PRELUDE.split("\n").length - 1;

/** The usual steps of an epoch, indented for a function's body. */
export const STEPS = `    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
`;

export function found(rule: string, text: string, resolveModule: ResolveModule | null = null): SourceFinding[] {
  const file = parsePython("train.py", PRELUDE + text);
  assert.deepEqual(file.syntaxErrors, []);
  return scriptFindings(file, resolveModule).filter((finding) => finding.rule === rule);
}

/** A line in the test's own text. */
export const ownLine = ({ range }: SourceFinding): number => range.startLine - OFFSET;

/** One `it` per piece of code, with the lines a rule points at. */
export function fires(
  rule: string,
  cases: Readonly<Record<string, readonly [text: string, ...lines: number[]]>>,
): void {
  for (const [title, [text, ...expected]] of Object.entries(cases)) {
    it(`points at ${title}`, () => {
      const findings = found(rule, text);
      assert.deepEqual(findings.map(ownLine), expected, findings.map(({ verdict }) => verdict).join());
      for (const { verdict, evidence, next } of findings) {
        for (const sentence of [verdict, evidence, next]) assert.match(sentence, /^\S.*[.)]$/s);
        assert.match(next, /^(Pass|Make|Call|Change|Use) /);
      }
    });
  }
}

/** One `it` per piece of code that looks like the problem and is right. */
export function silent(rule: string, cases: Readonly<Record<string, string>>): void {
  for (const [title, text] of Object.entries(cases)) {
    it(`says nothing about ${title}`, () => {
      assert.deepEqual(
        found(rule, text).map((finding) => `${finding.verdict} ${ownLine(finding)}`),
        [],
      );
    });
  }
}
