import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 10, 3, padding=1)
        self.each = nn.PReLU(10)
        self.drop = nn.Dropout2d(0.0)
        self.conv2 = nn.Conv2d(10, 9, 3, padding=1)
        self.one = nn.PReLU()
        self.attend = nn.Softmax(dim=1)
        self.conv3 = nn.Conv2d(9, 9, 1)
        self.fc1 = nn.Linear(9, 11)
        self.cut = nn.Hardtanh(-0.3, 0.4)
        self.fc2 = nn.Linear(11, 7)
        self.slopes = nn.PReLU(7)
        self.fc3 = nn.Linear(7, 5)

    def forward(self, x):
        x = self.drop(self.each(self.conv1(x)))
        x = self.one(self.conv2(x))
        x = x * self.attend(self.conv3(x)) + F.hardtanh(x) * F.softmax(x, 1)
        x = self.slopes(self.fc2(self.cut(self.fc1(x.sum((2, 3)) / 5))))
        return F.log_softmax(F.dropout(self.fc3(x), 0.0, training=self.training), dim=-1)


# normlens: model Net() input=3x5x4
