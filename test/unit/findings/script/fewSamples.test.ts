import { fires, silent } from "./helpers";

const RULE = "few-samples-per-channel";
const DATA = 'datasets.CIFAR10("data", train=True)';

/** Line 1 makes the loader. */
const training = (loader: string, feed: string, ...before: readonly string[]): string => `loader = ${loader}
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    model.train()
    for x, y in loader:
${before.map((line) => `        ${line}\n`).join("")}        loss = criterion(model(${feed}), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
`;

describe("few-samples-per-channel in scripts", () => {
  fires(RULE, {
    "one image at a time": [training(`DataLoader(${DATA}, batch_size=1, shuffle=True)`, "x"), 1],
    "pairs, moved to a device first": [
      training(`DataLoader(${DATA}, 2, shuffle=True)`, "x", "x, y = x.cuda(), y.cuda()"),
      1,
    ],
    "an option that is 1 by default": [
      `import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=1)
args = parser.parse_args()
${training(`DataLoader(${DATA}, batch_size=args.batch, shuffle=True)`, "x")}`,
      5,
    ],
  });

  silent(RULE, {
    "larger batches": training(`DataLoader(${DATA}, batch_size=16, shuffle=True)`, "x"),
    "an episode that is one item of the loader": training(
      `DataLoader(${DATA}, batch_size=1, shuffle=True)`,
      "x",
      "x = x.squeeze(0)",
    ),
    "the crops of one image": training(`DataLoader(${DATA}, batch_size=1)`, "x.view(-1, 3, 32, 32)"),
    "the first item of a batch that holds many": training(`DataLoader(${DATA}, batch_size=1)`, "x", "x = x[0]"),
    "items that a function puts together": training(`DataLoader(${DATA}, batch_size=1, collate_fn=join)`, "x"),
    "layers that stay in eval mode": training(`DataLoader(${DATA}, batch_size=1)`, "x", "model.eval()"),
    "a loader that only evaluates": `model = Net()
loader = DataLoader(${DATA}, batch_size=1)
model.eval()
with torch.no_grad():
    for x, y in loader:
        print((model(x).argmax(1) == y).sum())
`,
    "a network without BN": training(`DataLoader(${DATA}, batch_size=1)`, "x").replace(
      "model = Net()",
      "model = nn.Conv2d(3, 10, 32)",
    ),
  });
});
