"""A backbone whose first and last layers are replaced."""

import torch.nn as nn
from torchvision.models import resnet50

# normlens: model model input=1x64x64
model = resnet50()
model.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
model.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(model.fc.in_features, 7))
