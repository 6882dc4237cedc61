"""Running statistics, γ, β and counters of all layers in one copy."""
