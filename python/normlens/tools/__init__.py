"""What a script can ask for itself: statistics measured again, and what can be said of a model's buffers now."""
