import torch
import torch.nn as nn
import torch.nn.functional as F


STAGES = [16, "M", 32, "M"]


def make_layers(stages, channels=3):
    layers = []
    for stage in stages:
        if stage == "M":
            layers += [nn.MaxPool2d(2, 2)]
        else:
            layers += [nn.Conv2d(channels, stage, 3, padding=1), nn.ReLU(inplace=True)]  # normlens: add bn
            channels = stage
    return nn.Sequential(*layers)


class Vgg(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.features = make_layers(STAGES)
        self.classifier = nn.Linear(32 * 8 * 8, classes)

    def forward(self, x):
        x = self.features(x)
        return self.classifier(x.view(x.size(0), -1))


# normlens: model Vgg() input=3x32x32
