"""Two snapshots to the batch between them."""
