import { strict as assert } from "node:assert";
import { net, of, only, pointed, quiet } from "./helpers";
import { python } from "../support/python";

const rule = "contract-broken";
const model = (contract: string, extra = ""): string =>
  net(`self.a = nn.Linear(4, 4)\nself.bn = nn.BatchNorm1d(4)  # normlens: ${contract}`, "return self.bn(self.a(x))") +
  extra;

const HELD = "    def train(self, mode=True):\n        super().train(mode)\n        self.bn.eval()\n";

describe(rule, () => {
  it("sees a frozen layer that train() switches on", () => {
    const text = model(
      "frozen",
      python`
      net = Net()
      for p in net.parameters():
          p.requires_grad = False
      net.train()
    `,
    );
    const finding = only(rule, text);
    assert.equal(pointed(text, finding), "nn.BatchNorm1d(4)");
    assert.match(finding.verdict, /bn is annotated frozen/);
  });

  it("sees a smaller batch", () => {
    assert.match(
      only(rule, model("min-batch=16", "loader = DataLoader(data, batch_size=8, shuffle=True)\n")).verdict,
      /min-batch=16.* 8\./,
    );
    assert.equal(
      of(rule, model("min-batch=16", "loader = torch.utils.data.DataLoader(data, 4, shuffle=True)\n")).length,
      1,
    );
  });

  it("sees two domains in one layer", () => {
    const text = net(
      "self.a = nn.Linear(4, 4)\nself.bn = nn.BatchNorm1d(4)  # normlens: domain=source",
      "return self.bn(self.a(x)) + self.bn(x)",
    );
    assert.match(only(rule, text).verdict, /domain=source.* 2 times/);
  });

  quiet(rule, {
    "a layer held in eval mode":
      model("frozen").replace("    def forward", `${HELD}    def forward`) + "net = Net()\nnet.train()\n",
    "a file that never trains": model(
      "frozen",
      python`
      net = Net()
      net.eval()
    `,
    ),
    "batches that are large enough": model("min-batch=16", "loader = DataLoader(data, batch_size=16, shuffle=True)\n"),
    "small batches in evaluation": model("min-batch=16", "loader = DataLoader(data, batch_size=1, shuffle=False)\n"),
    "a batch size that is not known": model(
      "min-batch=16",
      "loader = DataLoader(data, batch_size=args.batch, shuffle=True)\n",
    ),
    "one call": model("domain=source"),
  });
});
