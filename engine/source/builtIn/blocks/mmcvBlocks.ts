/** mmcv.cnn: layers made from configurations (\`dict(type="BN")\`). */
export const MMCV_BLOCKS = `
import torch.nn as nn

_CONVOLUTIONS = {"Conv1d": nn.Conv1d, "Conv2d": nn.Conv2d, "Conv3d": nn.Conv3d, "Conv": nn.Conv2d}
_NORMS = {"BN": nn.BatchNorm2d, "BN1d": nn.BatchNorm1d, "BN2d": nn.BatchNorm2d, "BN3d": nn.BatchNorm3d,
    "SyncBN": nn.SyncBatchNorm, "GN": nn.GroupNorm, "LN": nn.LayerNorm, "IN": nn.InstanceNorm2d,
    "IN1d": nn.InstanceNorm1d, "IN2d": nn.InstanceNorm2d, "IN3d": nn.InstanceNorm3d}
_NAMES = {"GN": "gn", "LN": "ln", "IN": "in", "IN1d": "in", "IN2d": "in", "IN3d": "in"}
_ACTIVATIONS = {"ReLU": nn.ReLU, "LeakyReLU": nn.LeakyReLU, "PReLU": nn.PReLU, "RReLU": nn.RReLU, "ReLU6": nn.ReLU6,
    "ELU": nn.ELU, "Sigmoid": nn.Sigmoid, "Tanh": nn.Tanh, "SiLU": nn.SiLU, "Swish": nn.SiLU, "GELU": nn.GELU,
    "HSwish": nn.Hardswish}

def build_conv_layer(cfg, *args, **kwargs):
    settings = dict(cfg) if cfg is not None else {"type": "Conv2d"}
    return _CONVOLUTIONS[settings.pop("type")](*args, **kwargs, **settings)

def build_norm_layer(cfg, num_features, postfix=""):
    settings = dict(cfg)
    kind = settings.pop("type")
    settings.pop("requires_grad", True)
    settings.setdefault("eps", 1e-5)
    name = _NAMES.get(kind, "bn") + str(postfix)
    if kind == "GN":
        return name, nn.GroupNorm(num_channels=num_features, **settings)
    return name, _NORMS[kind](num_features, **settings)

def build_activation_layer(cfg):
    settings = dict(cfg)
    return _ACTIVATIONS[settings.pop("type")](**settings)

class ConvModule(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias="auto",
            conv_cfg=None, norm_cfg=None, act_cfg=dict(type="ReLU"), inplace=True, with_spectral_norm=False,
            padding_mode="zeros", order=("conv", "norm", "act")):
        super().__init__()
        self.order = order
        self.with_norm = norm_cfg is not None
        self.with_activation = act_cfg is not None
        if bias == "auto":
            bias = not self.with_norm
        self.conv = build_conv_layer(conv_cfg, in_channels, out_channels, kernel_size, stride=stride,
            padding=padding, dilation=dilation, groups=groups, bias=bias, padding_mode=padding_mode)
        if with_spectral_norm:
            self.conv = nn.utils.spectral_norm(self.conv)
        if self.with_norm:
            channels = out_channels if order.index("norm") > order.index("conv") else in_channels
            self.norm_name, norm = build_norm_layer(norm_cfg, channels)
            self.add_module(self.norm_name, norm)
        if self.with_activation:
            settings = dict(act_cfg)
            if settings["type"] not in ["Tanh", "PReLU", "Sigmoid", "HSigmoid", "Swish", "GELU"]:
                settings.setdefault("inplace", inplace)
            self.activate = build_activation_layer(settings)

    @property
    def norm(self):
        return getattr(self, self.norm_name) if self.with_norm else None

    def forward(self, x, activate=True, norm=True):
        for step in self.order:
            if step == "conv":
                x = self.conv(x)
            elif step == "norm" and norm and self.with_norm:
                x = getattr(self, self.norm_name)(x)
            elif step == "act" and activate and self.with_activation:
                x = self.activate(x)
        return x
`;
