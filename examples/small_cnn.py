# A small convolutional network: three blocks of convolution, batch normalization (BN) and ReLU.
# The convolutions have no bias: it would have no effect, because BN subtracts the batch mean.

# normlens: model SmallCnn() input=1x28x28 data=digits

from torch import nn


def conv_block(in_channels, out_channels):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


class SmallCnn(nn.Module):
    def __init__(self, channels=(16, 32, 64), classes=10):
        super().__init__()
        self.block1 = conv_block(1, channels[0])
        self.block2 = conv_block(channels[0], channels[1])
        self.block3 = conv_block(channels[1], channels[2])
        self.pool1 = nn.MaxPool2d(2)
        self.pool2 = nn.MaxPool2d(2)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Linear(channels[2], classes)

    def forward(self, x):
        x = self.block1(x)  # 28x28 pixels
        x = self.block2(self.pool1(x))  # 14x14
        x = self.block3(self.pool2(x))  # 7x7
        x = self.flatten(self.average(x))
        return self.classifier(x)
