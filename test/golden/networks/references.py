"""Normalizations that PyTorch has no class for, or none that runs here, written with its own operations."""

import re

import torch
from torch.nn.modules.batchnorm import _BatchNorm


class BatchRenorm(_BatchNorm):
    """Ioffe 2017, algorithm 1, with the running variance of PyTorch's BN.

    Limits open after `plain_updates` as in section 4.1.
    """

    def __init__(self, plain_updates, *arguments):
        super().__init__(*arguments)
        self.plain_updates = plain_updates

    def _check_input_dim(self, x):
        pass

    def limits(self):
        updates, first = self.num_batches_tracked.item(), self.plain_updates

        def reached(end):
            return 1 if updates >= end * first else min(1, max(0, (updates - first) / ((end - 1) * first)))

        return 1 + 2 * reached(8), 5 * reached(5)

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        shape = [1, -1] + [1] * (x.dim() - 2)
        axes = [axis for axis in range(x.dim()) if axis != 1]
        mean = x.mean(axes)
        sigma = (x.var(axes, unbiased=False) + self.eps).sqrt()
        running_sigma = (self.running_var + self.eps).sqrt()
        r_max, d_max = self.limits()
        r = (sigma / running_sigma).detach().clamp(1 / r_max, r_max)
        d = ((mean - self.running_mean) / running_sigma).detach().clamp(-d_max, d_max)
        normal = (x - mean.view(shape)) / sigma.view(shape) * r.view(shape) + d.view(shape)
        with torch.no_grad():
            super().forward(x)
        return normal * self.weight.view(shape) + self.bias.view(shape) if self.affine else normal


class GhostBatchNorm(_BatchNorm):
    """Hoffer et al. 2017, algorithm 1: PyTorch's BN for every virtual batch in turn."""

    def __init__(self, samples, *arguments):
        super().__init__(*arguments)
        self.samples = samples

    def _check_input_dim(self, x):
        pass

    def forward(self, x):
        if not self.training and self.track_running_stats:
            return super().forward(x)
        return torch.cat([_BatchNorm.forward(self, part) for part in x.split(self.samples)])


class SingleProcess(_BatchNorm):
    """SyncBatchNorm without other processes; PyTorch's own computes on GPUs only."""

    def _check_input_dim(self, x):
        pass


def use_references(module, text):
    """Replaces each `self.name = …  # normlens: use renorm(N)` or `ghost(N)`, and SyncBatchNorm, by a reference."""
    for name, norm in list(module.named_children()):
        if isinstance(norm, torch.nn.SyncBatchNorm):
            setattr(
                module,
                name,
                SingleProcess(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats),
            )
    for name, kind, number in re.findall(r"self\.(\w+) = .*# normlens: use (renorm|ghost)\((\d+)\)", text):
        norm = getattr(module, name)
        reference = {"renorm": BatchRenorm, "ghost": GhostBatchNorm}[kind]
        setattr(
            module,
            name,
            reference(int(number), norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats),
        )
