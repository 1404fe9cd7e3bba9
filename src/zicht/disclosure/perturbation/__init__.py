"""Methods that change numbers instead of hiding them: rounding, the cell key method, and differential privacy."""
