/** Layers of timm (timm.layers, before 0.8 timm.models.layers): the same modules under the same names. */
export const TIMM_LAYERS = `
import torch
import torch.nn as nn
import torch.nn.functional as F

class BatchNormAct2d(nn.BatchNorm2d):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, apply_act=True,
            act_layer=nn.ReLU, act_kwargs=None, inplace=True, drop_layer=None, device=None, dtype=None):
        super().__init__(num_features, eps=eps, momentum=momentum, affine=affine,
            track_running_stats=track_running_stats)
        self.drop = drop_layer() if drop_layer is not None else nn.Identity()
        if act_layer is not None and apply_act:
            kwargs = dict(act_kwargs or {})
            if inplace:
                kwargs["inplace"] = True
            self.act = act_layer(**kwargs)
        else:
            self.act = nn.Identity()

    def forward(self, x):
        return self.act(self.drop(super().forward(x)))

class ConvNormAct(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=1, stride=1, padding="", dilation=1, groups=1,
            bias=False, apply_norm=True, apply_act=True, norm_layer=nn.BatchNorm2d, act_layer=nn.ReLU,
            aa_layer=None, drop_layer=None, conv_kwargs=None, norm_kwargs=None, act_kwargs=None):
        super().__init__()
        if padding == "":
            padding = ((stride - 1) + dilation * (kernel_size - 1)) // 2
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride=stride, padding=padding,
            dilation=dilation, groups=groups, bias=bias, **(conv_kwargs or {}))
        if apply_norm and norm_layer is nn.BatchNorm2d:
            self.bn = BatchNormAct2d(out_channels, apply_act=apply_act, act_layer=act_layer, act_kwargs=act_kwargs,
                drop_layer=drop_layer, **(norm_kwargs or {}))
        elif apply_norm:
            self.bn = norm_layer(out_channels, apply_act=apply_act, act_kwargs=act_kwargs, **(norm_kwargs or {}))
        else:
            self.bn = nn.Sequential()
            if drop_layer:
                self.bn.add_module("drop", drop_layer())
            if act_layer and apply_act:
                self.bn.add_module("act", act_layer(**(act_kwargs or {})))
        self.aa = nn.Identity() if aa_layer is None else aa_layer(out_channels, stride=stride)

    def forward(self, x):
        return self.aa(self.bn(self.conv(x)))

class ConvBnAct(ConvNormAct):
    pass

class DropPath(nn.Module):
    def __init__(self, drop_prob=0.0, scale_by_keep=True):
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        return F.feature_alpha_dropout(x, self.drop_prob, self.training)
`;
