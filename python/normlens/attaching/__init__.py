"""How a process comes to be recorded: by its environment, by `normlens record`, or by a call in the script."""
