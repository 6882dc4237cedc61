import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import { assertTainted, graphOf, net, read, reasons } from "./helpers";
import { python } from "../support/python";

const tainted = (title: string, text: string, reason: RegExp): void => {
  it(title, () => {
    assertTainted(read(text), reason);
  });
};

describe("What cannot be determined", () => {
  tainted(
    "an undefined name as a size",
    net("self.a = nn.Linear(4, WIDTH)", "return self.a(x)"),
    /^4: the name WIDTH is not defined/,
  );
  tainted(
    "an imported layer",
    `from lib import Block\n${net("self.a = Block(4)\nself.b = nn.Linear(4, 2)", "return self.b(self.a(x))")}`,
    /does not follow lib\.Block/,
  );
  tainted(
    "an imported size",
    `from config import width\n${net("self.a = nn.Linear(4, width)", "return self.a(x)")}`,
    /config|whole number/,
  );
  tainted(
    "a branch of the constructor",
    net(
      python`
        if torch.cuda.is_available():
            self.a = nn.Linear(4, 4)
        else:
            self.a = nn.Linear(4, 8)
        self.b = nn.Linear(4, 2)`,
      "return self.b(x)",
    ),
    /it depends on whether there is a GPU/,
  );
  tainted(
    "a list filled in a branch",
    net(
      python`
        layers = []
        if unknown_flag:
            layers.append(nn.Linear(4, 4))
        self.a = nn.Sequential(*layers)`,
      "return self.a(x)",
    ),
    /unknown_flag/,
  );
  tainted(
    "a loop of unknown length",
    net(
      python`
        layers = []
        for i in range(DEPTH):
            layers.append(nn.Linear(4, 4))
        self.a = nn.Sequential(*layers)`,
      "return self.a(x)",
    ),
    /DEPTH/,
  );
  tainted(
    "a loop that may stop early",
    net(
      python`
        layers = []
        for i in range(3):
            layers.append(nn.Linear(4, 4))
            if STOP:
                break
        self.a = nn.Sequential(*layers)`,
      "return self.a(x)",
    ),
    /STOP/,
  );
  tainted(
    "an early return",
    net(
      python`
      self.a = nn.Linear(4, 4)
      if FLAG:
          return
      self.b = nn.Linear(4, 4)`,
      "return self.a(x)",
    ),
    /FLAG/,
  );
  tainted(
    "a base class that is not read",
    python`
      from lib import Base
      class Net(Base, nn.Module):
          def __init__(self):
              super().__init__()
              self.a = nn.Linear(4, 2)
          def forward(self, x):
              return self.a(x)
    `,
    /derives from lib\.Base/,
  );
  tainted(
    "a model handed to something that is not read",
    `from lib import rebuild\n${net("self.a = nn.Linear(4, 2)\nrebuild(self)", "return self.a(x)")}`,
    /lib\.rebuild/,
  );
  tainted(
    "a layer class PyTorch does not have",
    net("self.a = nn.Linaer(4, 2)", "return self.a(x)"),
    /torch\.nn\.Linaer is not a layer/,
  );
  tainted(
    "an argument PyTorch does not have",
    net("self.a = nn.Conv2d(1, 16, kernal_size=3)", "return self.a(x)"),
    /^4: Conv2d has no argument kernal_size .* did you mean kernel_size/,
  );
  tainted(
    "an argument is missing",
    net("self.a = nn.Linear(4)", "return self.a(x)"),
    /Linear needs the argument out_features/,
  );
  tainted(
    "an argument of the wrong type",
    net('self.a = nn.Linear(4, "2")', "return self.a(x)"),
    /whole number for out_features, not a string/,
  );
  tainted(
    "an exception on the way",
    net('raise ValueError("no")\nself.a = nn.Linear(4, 2)', "return x"),
    /an exception is raised/,
  );
  tainted(
    "a setting changed behind the constructor's back",
    net("self.a = nn.Linear(4, 2)\nself.a.in_features = 7", "return self.a(x)"),
    /in_features of this Linear changes/,
  );
  tainted(
    "parameters of unknown size",
    net("self.a = nn.Linear(4, 2)\nself.s = nn.Parameter(make())", "return self.a(x)"),
    /make/,
  );

  it("is reported once, at its cause", () => {
    const reading = read(
      `WIDTH = compute()\n` +
        `${net("self.a = nn.Linear(4, WIDTH)\nself.b = nn.Linear(WIDTH, WIDTH * 2)", "return self.b(self.a(x))")}`,
    );
    assert.deepEqual(reasons(reading), ["1: the name compute is not defined in this file"]);
  });
  it("does not spread to what does not depend on it", () => {
    const reading = read(
      `device = get_device()\n${net(
        python`
        self.a = nn.Linear(4, 2)
        if FLAG:
            print(1)
        self.n = 3 if FLAG else 3
        self.b = nn.Linear(2, self.n)`,
        "return self.b(self.a(x))",
      )}`,
    );
    assert.deepEqual(reasons(reading), []);
    assert.equal(graphOf(reading).parameters, 19);
  });
  it("takes the only branch that does not raise", () => {
    const reading = read(
      net(
        python`
        if MODE:
            raise ValueError()
        else:
            self.a = nn.Linear(4, 2)`,
        "return self.a(x)",
      ),
    );
    assert.deepEqual(reasons(reading), []);
    assert.equal(graphOf(reading).parameters, 10);
  });
  it("leaves parameters exact when only the forward is unknown", () => {
    const reading = read(net("self.a = nn.Linear(4, 2)", "return mystery(self.a(x))"));
    assert.equal(graphOf(reading).parameters, 10);
    assert.equal(graphOf(reading).outputs[0]?.node, undefined);
    assert.ok(trainabilityProblems(graphOf(reading)).length > 0);
  });
  it("marks a forward that branches on values", () => {
    const reading = read(
      net(
        "self.a = nn.Linear(4, 4)\nself.b = nn.Linear(4, 4)",
        python`
        if x.sum() > 0:
            x = self.a(x)
        return self.b(x)`,
      ),
    );
    assert.ok(reasons(reading).some((reason) => reason.includes("a tensor's value")));
    assert.ok(trainabilityProblems(graphOf(reading)).some((problem) => problem.code === "unknown-value"));
  });
  for (const freeze of [
    python`
      for p in model.parameters():
          p.requires_grad = False
    `,
    "model.requires_grad_(False)\n",
  ]) {
    it(`says that parameters are frozen by ${freeze.split("\n")[0] ?? ""}`, () => {
      const reading = read(`model = nn.Sequential(nn.Linear(4, 2))\n${freeze}`);
      assert.ok(reasons(reading).some((reason) => reason.includes("parameters are frozen here")));
      assert.ok(trainabilityProblems(graphOf(reading)).length > 0);
    });
  }
  it("keeps momentum and eps that are set after construction", () => {
    const [norm] = batchNormLayers(
      graphOf(
        read(
          net(
            python`
              self.a = nn.BatchNorm1d(4)
              for m in self.modules():
                  if isinstance(m, nn.BatchNorm1d):
                      m.momentum = 0.02
                      m.eps = 1e-4`,
            "return self.a(x)",
          ),
        ),
      ),
    );
    assert.deepEqual([norm?.op.runningStatsUpdateWeight, norm?.op.epsilon], [0.02, 1e-4]);
  });
  it("does not take a flag of a file that was not read for true", () => {
    const reading = read(
      net(
        python`
          from config import flag
          if flag:
              self.a = nn.Linear(4, 2)
          else:
              self.a = nn.Linear(4, 3)`,
        "return self.a(x)",
      ),
    );
    assert.ok(
      reasons(reading).some((reason) => reason.includes("config.flag")),
      reasons(reading).join(),
    );
    assert.equal(graphOf(reading).parameters, null);
  });
});

describe("What helps against an unknown value", () => {
  const remedies = (text: string): (string | undefined)[] => read(text).unknowns.map(({ remedy }) => remedy);
  it("is a literal for a required command-line argument", () =>
    assert.deepEqual(
      remedies(
        python`
          import argparse
          p = argparse.ArgumentParser()
          p.add_argument("--width", type=int, required=True)
          args = p.parse_args()
          ${net("self.a = nn.Linear(4, args.width)", "return self.a(x)")}`,
      ),
      ["literal"],
    ));
  it("is the input shape for a size of the input", () =>
    assert.deepEqual(
      new Set(
        remedies(
          net(
            "self.a = nn.Conv2d(3, 8, 3)",
            python`
            x = self.a(x)
            for _ in range(x.size(2)):
                x = x + 1
            return x`,
          ),
        ),
      ),
      new Set(["inputShape"]),
    ));
  it("is the argument that a call leaves out", () =>
    assert.deepEqual(
      remedies(python`
        def wide(width):
            return width
        ${net("self.a = nn.Linear(4, wide())", "return self.a(x)")}`),
      ["argument"],
    ));
  it("is nothing where the code is not followed", () =>
    assert.deepEqual(remedies(`from lib import Block\n${net("self.a = Block(4)", "return self.a(x)")}`), [undefined]));
  it("is a comment for a model that needs arguments", () => {
    const [problem] = read(
      python`
        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
      `,
    ).problems;
    assert.deepEqual(problem?.code === "unknown-value" && [problem.remedy, problem.model], ["modelArguments", "Net"]);
  });
});
