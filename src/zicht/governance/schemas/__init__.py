"""Schemas that governance holds its papers against; each with its licence in the `.license` file beside it."""
