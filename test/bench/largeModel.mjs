// A model file of a thousand lines, as residual networks are written, and a line to type into the middle of it.

const BLOCKS = 52;

/** @param {number} index */
const block = (index) => `class Block${index}(nn.Module):
    expansion = 1

    def __init__(self, channels, out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != out:
            conv = nn.Conv2d(channels, out, kernel_size=1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(out))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.shortcut(x))

`;

const NET = `class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.layers = nn.Sequential(${Array.from({ length: BLOCKS }, (_, index) => `Block${index}(16, 16)`).join(", ")})
        self.head = nn.Linear(16, classes)

    def forward(self, x):
        return self.head(F.adaptive_avg_pool2d(self.layers(self.stem(x)), 1).flatten(1))
`;

export const LAYERS = BLOCKS * 4 + 2;
export const MODEL =
  `import torch.nn as nn\nimport torch.nn.functional as F\n\n` +
  `${Array.from({ length: BLOCKS }, (_, index) => block(index)).join("")}${NET}`;
/** Where a person types: before a statement in the middle. */
export const MIDDLE = MODEL.indexOf("        out = self.bn2", Math.floor(MODEL.length / 2));
export const MIDDLE_LINE = MODEL.slice(0, MIDDLE).split("\n").length;
export const TYPED = "        # what a person types, key by key\n        extra = 1\n";
