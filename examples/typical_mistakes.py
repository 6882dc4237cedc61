# Mistakes with batch normalization (BN) that real projects contain, one per layer.
# The comments explain each mistake. Train the model and look at its layers in the panel.

# normlens: model TypicalMistakes() input=1x28x28 data=digits

import torch.nn as nn
import torch.nn.functional as F


class TypicalMistakes(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        # The bias has no effect, because BN subtracts the batch mean. It only costs memory.
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        # The second argument of BatchNorm2d is eps, not momentum. 0.8 is a momentum from Keras.
        self.bn1 = nn.BatchNorm2d(16, 0.8)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1, bias=False)
        # Keras's momentum is the weight of the old statistics (0.99), PyTorch's of the new ones (0.01).
        self.bn2 = nn.BatchNorm2d(32, momentum=0.99)
        # Dropout before BN makes the variance of its input larger in train mode than in eval mode.
        self.dropout = nn.Dropout2d(0.25)  # normlens: remove
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(32)
        # Created and never called: it is saved with the model and has no effect.
        self.bn4 = nn.BatchNorm2d(32)
        self.fc = nn.Linear(32, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.max_pool2d(x, 2)
        x = F.relu(self.bn2(self.conv2(x)))
        x = F.max_pool2d(x, 2)
        x = self.conv3(self.dropout(x))
        x = F.relu(self.bn3(x))
        x = F.adaptive_avg_pool2d(x, 1)
        return self.fc(x.view(x.size(0), -1))
