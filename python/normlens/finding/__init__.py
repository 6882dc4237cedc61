"""Which BN layers a model has, what they are called, where they were made."""
