/** BN layers of libraries that replace torch.nn's: synchronized ones, and those that contain the activation. */

/**
 * inplace_abn: BN and activation in one. Versions before 1.0, which many projects have a copy of, call the parameter of
 * the activation `slope`, say "none" for no activation, take `devices`, and have no `track_running_stats`.
 */
export const ACTIVATED_NORMS = `
import torch.nn as nn
import torch.nn.functional as F

class ABN(nn._BatchNorm):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True,
            activation="leaky_relu", activation_param=0.01, group=None, slope=0.01, devices=None):
        if isinstance(track_running_stats, str):
            activation = track_running_stats
            track_running_stats = True
        super().__init__(num_features, eps, momentum, affine, track_running_stats)
        self.activation = activation

    def forward(self, x):
        x = super().forward(x)
        if self.activation == "relu":
            return F.relu(x)
        if self.activation == "leaky_relu":
            return F.leaky_relu(x)
        if self.activation == "elu":
            return F.elu(x)
        return x

class InPlaceABN(ABN):
    pass

class InPlaceABNSync(ABN):
    pass
`;

/** PyTorch-Encoding: synchronized BN, with an activation where one is named. */
export const ENCODING_NORMS = `
import torch.nn as nn
import torch.nn.functional as F

class SyncBatchNorm(nn._BatchNorm):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, sync=True, activation="none", slope=0.01, inplace=True):
        super().__init__(num_features, eps, momentum)
        self.activation = activation

    def forward(self, x):
        x = super().forward(x)
        return F.leaky_relu(x) if self.activation == "leaky_relu" else x

class BatchNorm1d(SyncBatchNorm):
    pass

class BatchNorm2d(SyncBatchNorm):
    pass

class BatchNorm3d(SyncBatchNorm):
    pass
`;

/** The package sync_batchnorm, which projects copy: BN over all replicas of nn.DataParallel. */
export const SYNCHRONIZED_NORMS = `
import torch.nn as nn

class SynchronizedBatchNorm1d(nn.BatchNorm1d):
    pass

class SynchronizedBatchNorm2d(nn.BatchNorm2d):
    pass

class SynchronizedBatchNorm3d(nn.BatchNorm3d):
    pass
`;

export const APEX_NORMS = `
import torch.nn as nn
import torch.nn.functional as F

class SyncBatchNorm(nn._BatchNorm):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True,
            process_group=None, channel_last=False, fuse_relu=False):
        super().__init__(num_features, eps, momentum, affine, track_running_stats)
        self.fuse_relu = fuse_relu

    def forward(self, x):
        x = super().forward(x)
        return F.relu(x) if self.fuse_relu else x
`;

/** detectron2.layers: normalizations by their name in a configuration, and the convolution that contains one. */
export const DETECTRON_LAYERS = `
import torch.nn as nn
from torchvision.ops import FrozenBatchNorm2d

class BatchNorm2d(nn.BatchNorm2d):
    pass

class NaiveSyncBatchNorm(nn.BatchNorm2d):
    def __init__(self, *args, stats_mode="", **kwargs):
        super().__init__(*args, **kwargs)

def get_norm(norm, out_channels):
    if norm is None:
        return None
    if isinstance(norm, str):
        if norm == "":
            return None
        if norm == "GN":
            return nn.GroupNorm(32, out_channels)
        return {"BN": nn.BatchNorm2d, "SyncBN": nn.SyncBatchNorm, "nnSyncBN": nn.SyncBatchNorm,
            "naiveSyncBN": NaiveSyncBatchNorm, "naiveSyncBN_N": NaiveSyncBatchNorm,
            "FrozenBN": FrozenBatchNorm2d}[norm](out_channels)
    return norm(out_channels)

class Conv2d(nn.Conv2d):
    def __init__(self, *args, norm=None, activation=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.norm = norm
        self.activation = activation

    def forward(self, x):
        x = super().forward(x)
        if self.norm is not None:
            x = self.norm(x)
        if self.activation is not None:
            x = self.activation(x)
        return x
`;

/** MinkowskiEngine and torchsparse: BN over the rows of a sparse tensor. */
export const SPARSE_NORMS = `
import torch.nn as nn

class BatchNorm(nn.BatchNorm1d):
    pass

class MinkowskiBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.bn = nn.BatchNorm1d(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, input):
        return self.bn(input)

class MinkowskiSyncBatchNorm(MinkowskiBatchNorm):
    pass
`;
