"""A pretrained backbone with a head of its own."""

import torch
import torch.nn as nn
import torchvision
from torchvision import models


class Classifier(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        backbone = torchvision.models.resnet18(weights=None)
        self.width = backbone.fc.in_features
        self.features = nn.Sequential(*list(backbone.children())[:-1])
        self.other = models.mobilenet_v2(num_classes=classes)
        self.other.classifier[1] = nn.Linear(self.other.last_channel, classes)
        self.head = nn.Linear(self.width, classes)

    def forward(self, x):
        return self.head(torch.flatten(self.features(x), 1)) + self.other(x)


# normlens: model Classifier() input=3x64x64
