/** Sandler et al. 2018. */
export const MOBILENET = `
import torch.nn as nn
import torch.nn.functional as F

def _make_divisible(value, divisor=8):
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded

class ConvBNReLU(nn.Sequential):
    def __init__(self, inputs, outputs, kernel_size, stride, groups, norm_layer):
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel_size, stride, (kernel_size - 1) // 2, groups=groups, bias=False),
            norm_layer(outputs),
            nn.ReLU6(inplace=True),
        )

class InvertedResidual(nn.Module):
    def __init__(self, inp, oup, stride, expand_ratio, norm_layer=None):
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        hidden = int(round(inp * expand_ratio))
        self.use_res_connect = stride == 1 and inp == oup
        layers = []
        if expand_ratio != 1:
            layers.append(ConvBNReLU(inp, hidden, 1, 1, 1, norm))
        layers.append(ConvBNReLU(hidden, hidden, 3, stride, hidden, norm))
        layers.append(nn.Conv2d(hidden, oup, 1, bias=False))
        layers.append(norm(oup))
        self.conv = nn.Sequential(*layers)
        self.out_channels = oup

    def forward(self, x):
        return x + self.conv(x) if self.use_res_connect else self.conv(x)

class MobileNetV2(nn.Module):
    def __init__(self, num_classes=1000, width_mult=1.0, inverted_residual_setting=None, round_nearest=8,
            block=None, norm_layer=None, dropout=0.2):
        super().__init__()
        make = block or InvertedResidual
        norm = norm_layer or nn.BatchNorm2d
        setting = inverted_residual_setting or [
            [1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1],
        ]
        channels = _make_divisible(32 * width_mult, round_nearest)
        self.last_channel = _make_divisible(1280 * max(1.0, width_mult), round_nearest)
        features = [ConvBNReLU(3, channels, 3, 2, 1, norm)]
        for t, c, n, s in setting:
            outputs = _make_divisible(c * width_mult, round_nearest)
            for i in range(n):
                features.append(make(channels, outputs, s if i == 0 else 1, expand_ratio=t, norm_layer=norm))
                channels = outputs
        features.append(ConvBNReLU(channels, self.last_channel, 1, 1, 1, norm))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout), nn.Linear(self.last_channel, num_classes))

    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1)).flatten(1)
        return self.classifier(x)

def mobilenet_v2(pretrained=False, progress=True, weights=None, **kwargs):
    return MobileNetV2(**kwargs)
`;
