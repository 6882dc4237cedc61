"""How a process comes to be recorded."""
