import { STEPS, fires, silent } from "./helpers";

const LOOP = `optimizer = optim.SGD(model.parameters(), lr=0.1)\nfor epoch in range(9):\n    model.train()\n${STEPS}`;

describe("low-precision-statistics", () => {
  const RULE = "low-precision-statistics";
  fires(RULE, {
    "to(torch.bfloat16)": [`model = Net().to(torch.bfloat16)\n${LOOP}`, 1],
    "half()": [`model = Net()\nmodel.half()\n${LOOP}`, 2],
    "bfloat16() and a device": [`model = Net().cuda().bfloat16()\n${LOOP}`, 1],
    "a dtype by its name": [`model = Net()\nmodel.to(device="cuda", dtype=torch.float16)\n${LOOP}`, 2],
  });
  silent(RULE, {
    autocast: `model = Net()\noptimizer = optim.SGD(model.parameters(), lr=0.1)\nfor x, y in train_loader:
    with torch.autocast("cuda", torch.bfloat16):
        loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
`,
    "BN layers that are converted back": `model = Net().half()\nfor m in model.modules():
    if isinstance(m, nn.BatchNorm2d):
        m.float()
${LOOP}`,
    "a network that only answers":
      "model = Net().half().eval()\nwith torch.no_grad():\n    print(model(torch.rand(1, 3, 8, 8)))\n",
    "a network without BN": `model = nn.Linear(3, 2).half()\n${LOOP}`,
    "a conversion back": `model = Net().half()\nmodel.float()\n${LOOP}`,
  });
});
