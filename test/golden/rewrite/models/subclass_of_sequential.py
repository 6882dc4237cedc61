import torch.nn as nn


class ConvBNReLU(nn.Sequential):
    def __init__(self, channels, out, kernel_size=3, stride=1, groups=1):
        padding = (kernel_size - 1) // 2
        super(ConvBNReLU, self).__init__(
            nn.Conv2d(channels, out, kernel_size, stride, padding, groups=groups, bias=False),
            nn.BatchNorm2d(out),  # normlens: remove
            nn.ReLU6(inplace=True)
        )


class Mobile(nn.Module):
    def __init__(self):
        super(Mobile, self).__init__()
        self.features = nn.Sequential(ConvBNReLU(3, 8, stride=2), ConvBNReLU(8, 8, groups=8), ConvBNReLU(8, 16, kernel_size=1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(16, 10))

    def forward(self, x):
        x = self.features(x)
        x = x.mean([2, 3])
        return self.classifier(x)


# normlens: model Mobile() input=3x32x32
