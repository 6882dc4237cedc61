"""Callbacks for training loops of others, for those who want the recording to be explicit."""
