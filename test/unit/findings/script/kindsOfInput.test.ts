import { strict as assert } from "node:assert";
import { fires, found, silent } from "./helpers";

const RULE = "one-norm-for-two-inputs";
const SETUP = `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
`;

/** Line 4 is the loop, its body begins on line 5. */
const round = (head: string, ...body: readonly string[]): string =>
  `${SETUP}for epoch in range(9):
    for ${head}:
${body.map((line) => `        ${line}`).join("\n")}
        loss.backward()
        optimizer.step()
`;
const PAIR = "(source, y), (target, _) in zip(source_loader, target_loader)";
const attack = (mode: string): string => `def attack(net, x, y):
    adv = x.clone().requires_grad_(True)
    for k in range(7):
        loss = criterion(net(adv), y)
        adv = adv + torch.autograd.grad(loss, adv)[0].sign()
    return adv
${SETUP}for epoch in range(9):
    for x, y in train_loader:
        ${mode}
        optimizer.zero_grad()
        loss = criterion(model(x), y) + criterion(model(attack(model, x, y)), y)
        loss.backward()
        optimizer.step()
`;

describe("one-norm-for-two-inputs by names", () => {
  fires(RULE, {
    "source and target batches of one step": [
      round(PAIR, "loss = criterion(model(source), y)", "loss = loss + model(target).mean()"),
      6,
    ],
    "a letter for each domain": [
      round("(x_s, y), (x_t, _) in zip(a, b)", "loss = criterion(model(x_s), y) + model(x_t).std()"),
      5,
    ],
    "target images beside others": [
      round(
        "i, (images, y) in enumerate(train_loader)",
        "target_images = next(target_iter)[0].cuda()",
        "one = model(images)",
        "two = model(target_images)",
        "loss = criterion(one, y) + two.mean()",
      ),
      7,
    ],
    ...Object.fromEntries(
      ["next(NAME)", "NAME.next()", "NAME.__next__()", "NAME.__iter__().next()"].map((ask) => [
        `batches that ${ask} brings, in a file about domains`,
        [
          `# Adapts to another domain.
train_iter = iter(train_loader)
target_iter = iter(DataLoader(datasets.USPS("data"), batch_size=64))
${round(
  "k in range(250)",
  `images, y = ${ask.replace("NAME", "train_iter")}`,
  "loss = criterion(model(images), y)",
  "loss.backward()",
  `images, _ = ${ask.replace("NAME", "target_iter")}`,
  "loss = model(images).mean()",
)}`,
          12,
        ] as const,
      ]),
    ),
    "domains that two backward passes train in turn": [
      round(PAIR, "loss = criterion(model(source), y)", "loss.backward()", "loss = model(target).mean()"),
      7,
    ],
    "source images beside others, in a file about domains": [
      `# Adapts to another domain.\n${round(
        "k in range(250)",
        "images_source, y = load()",
        "one = model(images_source)",
        "images, _ = load()",
        "loss = criterion(one, y) + model(images).mean()",
      )}`,
      9,
    ],
    "a domain that only the loader's name says": [
      `# Adapts to another domain.\n${round(
        "k in range(250)",
        "images, y = next(source_iter)",
        "one = model(images)",
        "images, _ = next(targetloader_iter)",
        "two = model(images)",
        "loss = criterion(one, y) + two.mean()",
      )}`,
      9,
    ],
    "source and target in a function that trains one batch": [
      `${SETUP}def train_batch(x_src, y, x_tgt):
    loss = criterion(model(x_src), y) + model(x_tgt).mean()
    loss.backward()
    optimizer.step()
pool.each_batch(train_batch, data)
`,
      4,
    ],
    "a target batch that only moves the statistics": [
      round(PAIR, "loss = criterion(model(source), y)", "with torch.no_grad():", "    model(target)"),
      7,
    ],
    "an attack in train mode whose gradients train nothing": [attack("model.train()"), 4],
    "clean and adversarial batches": [
      round("x, y in train_loader", "x_adv = perturb(x)", "loss = criterion(model(x), y) + criterion(model(x_adv), y)"),
      6,
    ],
    "an attack that trains in train mode": [
      round(
        "x, y in train_loader",
        "delta = torch.zeros_like(x, requires_grad=True)",
        "loss = criterion(model(x + delta), y)",
        "loss.backward()",
        "delta = delta.grad.sign()",
        "loss = criterion(model(x + delta), y)",
      ),
      9,
    ],
  });
  it("says that what is only likely is information", () => {
    for (const text of [
      round(PAIR, "loss = criterion(model(source), y) + model(target).mean()"),
      round("x, y in train_loader", "loss = criterion(model(x), y) + criterion(model(x_adv), y)"),
    ])
      assert.deepEqual(
        found(RULE, text).map(({ severity }) => severity),
        ["information"],
      );
  });
  silent(RULE, {
    "an input and its labels": round("data, target in train_loader", "loss = criterion(model(data), target)"),
    "an image and the image it is to become": round(
      "(input, target) in train_loader",
      "loss = F.mse_loss(model(input), model(target))",
    ),
    "two views": round("(x1, x2), _ in train_loader", "loss = F.mse_loss(model(x1), model(x2))"),
    "labelled and unlabelled batches": round(
      "(x, y), (u, _) in zip(train_loader, unlabeled_loader)",
      "loss = criterion(model(x), y) + model(u).mean()",
    ),
    "a network that is told the domain": round(
      PAIR,
      'loss = criterion(model(source, "a"), y)',
      'loss = loss + model(target, "b").mean()',
    ),
    "a network that is told which domain is the other": round(
      PAIR,
      "loss = criterion(model(source), y)",
      "loss = loss + model(target, night=True).mean()",
    ),
    "letters that may mean anything": round(
      "(xs, y), (xt, _) in zip(a, b)",
      "loss = criterion(model(xs), y) + model(xt).mean()",
    ),
    "source and target in one batch": round(PAIR, "loss = model(torch.cat([source, target])).mean()"),
    "another network for the target": `target_model = Net()
${round(PAIR, "loss = model(source).mean() + target_model(target).mean()")}`,
    "a domain in eval mode": round(
      PAIR,
      "model.train()",
      "one = model(source)",
      "model.eval()",
      "loss = one.mean() + model(target).mean()",
    ),
    "domains of two trainings": `${round("source, y in source_loader", "loss = criterion(model(source), y)")}
for target, y in target_loader:
    loss = criterion(model(target), y)
    loss.backward()
    optimizer.step()
`,
    "a pass that keeps the statistics": round(
      "x, y in train_loader",
      "with no_bn_statistics(model):",
      "    loss = criterion(model(x_adv), y)",
      "loss = loss + criterion(model(x), y)",
    ),
    "an attack in eval mode, and one adversarial pass": `${attack("model.eval()").replace(
      "criterion(model(x), y) + criterion(model(attack(model, x, y)), y)",
      "0",
    )}`,
    "adversarial batches alone, made in eval mode": round(
      "x, y in train_loader",
      "model.eval()",
      "x_adv = make(model, x)",
      "model.train()",
      "loss = criterion(model(x_adv), y)",
    ),
    "adversarial batches that replay one pass": round(
      "x, y in train_loader",
      "for k in range(8):",
      "    loss = criterion(model(x + delta), y)",
      "    loss.backward()",
      "    optimizer.step()",
    ),
  });
  const EVALUATED = "\nmodel.eval()\nfor x, y in val_loader:\n    model(x)\n";
  const gan = `${round(
    "img, _ in train_loader",
    "real_img = img.cuda()",
    "real = model(real_img)",
    "fake_img = generator(torch.randn(64, 100)).detach()",
    "fake = model(fake_img)",
    "loss = real.mean() - fake.mean()",
  )}        model(fake_img).mean().backward()
`;
  const replay = round(
    "x, y in train_loader",
    "loss = criterion(model(x), y)",
    "buf_x, buf_y = buffer.get_data(32)",
    "loss = loss + criterion(model(buf_x), buf_y)",
  );
  fires(RULE, {
    "real and generated samples of a discriminator that is also asked in eval mode": [gan + EVALUATED, 8],
    "replayed samples of a network that is evaluated": [replay + EVALUATED, 7],
  });
  it("says that usual practice is information", () => {
    for (const text of [gan, replay])
      assert.deepEqual(
        found(RULE, text + EVALUATED).map(({ severity }) => severity),
        ["information"],
      );
  });
  silent(RULE, {
    "a discriminator whose running statistics nobody uses": gan,
    "replayed samples of a network whose running statistics nobody uses": replay,
    "replayed and new samples in one batch": `${round(
      "x, y in train_loader",
      "buf_x, buf_y = buffer.get_data(32)",
      "loss = criterion(model(torch.cat([x, buf_x])), torch.cat([y, buf_y]))",
    )}${EVALUATED}`,
    "a network without BN": round(PAIR, "loss = model(source).mean() + model(target).mean()").replace(
      "Net()",
      "nn.Linear(3, 2)",
    ),
  });
});
