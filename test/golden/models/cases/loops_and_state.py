# normlens: model Net() input=1x20
import torch.nn as nn
from torch.nn.functional import relu


class Net(nn.Module):
    def __init__(self, channels=None, **options):
        nn.Module.__init__(self)
        channels = channels or [4, 8]
        k = options.get("kernel", 3)
        self.n = 0
        size = 20
        cin = 1
        while size > 8:
            setattr(self, "conv" + str(self.n + 1), nn.Conv1d(cin, channels[self.n], k))
            self.add_module("bn{}".format(self.n + 1), nn.BatchNorm1d(channels[self.n]))
            cin = channels[self.n]
            size = (size - k + 1) // 2
            self.n += 1
            if self.n >= len(channels):
                break
        self.fc = nn.Linear(cin * size, 3)
        self.pool = nn.MaxPool1d(2)
        try:
            self.gain = float("1.5")
        finally:
            pass

    def forward(self, x):
        for i in range(self.n):
            x = getattr(self, f"conv{i + 1}")(x)
            x = self.pool(relu(getattr(self, f"bn{i + 1}")(x)))
        n = x.shape[0]
        return self.fc(x.reshape(n, x.shape[1] * x.shape[2]))
