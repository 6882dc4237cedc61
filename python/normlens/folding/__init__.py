"""Samples to quantiles, shifts and where each layer stands."""
