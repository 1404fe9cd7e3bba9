"""What papers are checked with: schemas, shapes and question lists of their standards, as package data."""
