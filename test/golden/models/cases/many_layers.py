# normlens: model Net() input=3x33x33
# One of each layer that is not trained here and yet must be counted and shaped right.
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(3, 12, 4, stride=3, dilation=2, padding_mode="reflect", padding=2),
            nn.InstanceNorm2d(12, affine=True),
            nn.PReLU(12),
            nn.ConvTranspose2d(12, 6, 3, stride=2, padding=1, output_padding=1, groups=3),
            nn.GroupNorm(3, 6),
            nn.GELU(),
            nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True),
            nn.LocalResponseNorm(2),
            nn.ZeroPad2d((1, 2, 3, 0)),
            nn.MaxPool2d((3, 2), stride=(2, 1), ceil_mode=True),
            nn.Conv2d(6, 5, (2, 2), padding="same"),
            nn.SiLU(),
            nn.Upsample(scale_factor=2),
            nn.Upsample(size=(9, 8), mode="bilinear", align_corners=False),
            nn.AdaptiveMaxPool2d((None, 4)),
            nn.Softmax2d(),
            nn.Flatten(2, 3),
            nn.Conv1d(5, 4, 3, stride=2),
            nn.BatchNorm1d(4),
            nn.MaxPool1d(2),
            nn.LayerNorm(8),
            nn.LayerNorm([4, 8], elementwise_affine=False),
            nn.Linear(8, 6),
            nn.Softplus(),
            nn.Flatten(),
            nn.Hardtanh(),
            nn.Linear(24, 3),
            nn.Softmax(dim=-1),
        )

    def forward(self, x):
        return self.stack(x)
