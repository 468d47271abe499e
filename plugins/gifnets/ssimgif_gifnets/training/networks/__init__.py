"""The three networks, as torch modules."""
