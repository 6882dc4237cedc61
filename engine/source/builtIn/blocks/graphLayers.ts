/**
 * torch_geometric.nn: layers of graphs, of which the rows are nodes. How nodes are joined is not described: it depends
 * on the edges and keeps the shape, as the function in its place does, and NormLens trains neither.
 */
export const GRAPH_LAYERS = `
import torch
import torch.nn as nn

def _joined(x, edges):
    return torch.masked_fill(x, edges, 0)

class BatchNorm(nn.Module):
    def __init__(self, in_channels, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True,
            allow_single_element=False):
        super().__init__()
        self.module = nn.BatchNorm1d(in_channels, eps, momentum, affine, track_running_stats)

    def forward(self, x):
        return self.module(x)

class Linear(nn.Linear):
    def __init__(self, in_channels, out_channels, bias=True, weight_initializer=None, bias_initializer=None):
        super().__init__(in_channels, out_channels, bias)

class GCNConv(nn.Module):
    def __init__(self, in_channels, out_channels, improved=False, cached=False, add_self_loops=None, normalize=True,
            bias=True, **kwargs):
        super().__init__()
        self.lin = nn.Linear(in_channels, out_channels, bias=False)
        if bias:
            self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x, edge_index, edge_weight=None):
        return _joined(self.lin(x), edge_index)

class SAGEConv(nn.Module):
    def __init__(self, in_channels, out_channels, aggr="mean", normalize=False, root_weight=True, project=False,
            bias=True):
        super().__init__()
        self.lin_l = nn.Linear(in_channels, out_channels, bias=bias)
        if root_weight:
            self.lin_r = nn.Linear(in_channels, out_channels, bias=False)
        if project:
            self.lin = nn.Linear(in_channels, in_channels, bias=True)
        self.root_weight = root_weight

    def forward(self, x, edge_index, size=None):
        y = self.lin_l(_joined(x, edge_index))
        return y + self.lin_r(x) if self.root_weight else y

class GINConv(nn.Module):
    def __init__(self, nn, eps=0.0, train_eps=False, **kwargs):
        super().__init__()
        self.nn = nn
        if train_eps:
            self.eps = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x, edge_index, size=None):
        return self.nn(_joined(x, edge_index))

def global_mean_pool(x, batch, size=None):
    return _joined(x, batch)

def global_add_pool(x, batch, size=None):
    return _joined(x, batch)

def global_max_pool(x, batch, size=None):
    return _joined(x, batch)
`;
