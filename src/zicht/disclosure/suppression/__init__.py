"""Which cells to hide so that others cannot be computed. It knows nothing of the attack that tests the result."""
