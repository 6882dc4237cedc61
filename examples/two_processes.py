"""One training in two processes. Record it: normlens record torchrun --nproc-per-node 2 examples/two_processes.py

Each process reads another half of the data, and DistributedDataParallel averages the gradients. The buffers are
broadcast from rank 0 (PyTorch's default), so both evaluate with rank 0's running statistics. With
`--local-buffers` each process keeps its own, and NormLens shows how far they drift apart.
"""

import argparse

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 8, 3, stride=2, bias=False), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 16, 3, stride=2, bias=False), nn.BatchNorm2d(16)
        self.out = nn.Linear(16, 3)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        return self.out(x.mean((2, 3)))


def stripes(count):
    """Pictures of stripes in three directions."""
    generator = torch.Generator().manual_seed(0)
    direction = torch.randint(0, 3, (count,), generator=generator)
    i, j = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    waves = torch.stack([torch.sin(1.3 * way) for way in (i, j, i + j)])
    return TensorDataset((waves[direction] + torch.randn(count, 16, 16, generator=generator)).unsqueeze(1), direction)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--local-buffers", action="store_true", help="each process keeps its own running statistics")
    options = parser.parse_args()
    dist.init_process_group("gloo")
    torch.manual_seed(0)
    model = DistributedDataParallel(Classifier(), broadcast_buffers=not options.local_buffers)
    data = stripes(2048)
    sampler = DistributedSampler(data)
    loader = DataLoader(data, batch_size=32, sampler=sampler)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(options.epochs):
        sampler.set_epoch(epoch)
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        if dist.get_rank() == 0:
            model.eval()
            x, y = data[:512]
            with torch.no_grad():
                right = (model.module(x).argmax(1) == y).float().mean().item()
            print(f"epoch {epoch}: loss {loss.item():.3f}, accuracy {right:.3f}")
    dist.barrier()  # A process that leaves while another is still busy can abort it.
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
