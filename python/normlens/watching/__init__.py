"""What happens between steps: evaluation, loading, saving, other ranks."""
