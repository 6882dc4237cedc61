import { fires, silent } from "./helpers";

const RULE = "gradient-penalty-with-bn";

/** Line 8 takes the scores, line 9 their gradient. */
const penalty = (scores: string, gradient: string, critic = "critic = Net()"): string => `generator = Net()
${critic}
opt = optim.Adam(critic.parameters())
for real, _ in train_loader:
    fake = generator(torch.randn(64, 3, 4, 4)).detach()
    weight = torch.rand(64, 1, 1, 1)
    mixed = (weight * real + (1 - weight) * fake).requires_grad_(True)
    ${scores}
    ${gradient}
    loss = critic(fake).mean() - critic(real).mean() + ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
`;
const SLOPE = "slope = torch.autograd.grad(scores.sum(), mixed, create_graph=True)[0]";

describe("gradient-penalty-with-bn", () => {
  fires(RULE, {
    "a critic whose slope at mixed samples is to be 1": [penalty("scores = critic(mixed)", SLOPE), 8],
    "keywords, and inputs in a list": [
      penalty(
        "scores = critic(mixed)",
        "slope = torch.autograd.grad(outputs=scores, inputs=[mixed], grad_outputs=torch.ones(64), create_graph=True)[0]",
      ),
      8,
    ],
    "a slope that a function takes": [
      `from torch.autograd import grad

def slope_of(net, x):
    scores = net(x)
    return grad(scores, x, torch.ones_like(scores), create_graph=True)[0]

${penalty("pass", "slope = slope_of(critic, mixed)")}`,
      4,
    ],
  });

  silent(RULE, {
    "a critic without BN": penalty("scores = critic(mixed)", SLOPE, "critic = nn.Conv2d(3, 1, 3)"),
    "a critic with layer normalization": penalty(
      "scores = critic(mixed)",
      SLOPE,
      "critic = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(1, 8), nn.Conv2d(8, 1, 3))",
    ),
    "a gradient that nothing is trained on": penalty(
      "scores = critic(mixed)",
      "slope = torch.autograd.grad(scores.sum(), mixed)[0]",
    ),
    "a gradient by the parameters": penalty(
      "scores = critic(mixed)",
      "slope = torch.autograd.grad(scores.sum(), list(critic.parameters()), create_graph=True)[0]",
    ),
    "a penalty in eval mode": penalty("critic.eval(); scores = critic(mixed); critic.train()", SLOPE),
  });
});
