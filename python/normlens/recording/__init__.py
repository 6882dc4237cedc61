"""Puts the rooms together: a run of one process, the models in it, and what arms a framework."""
