"""JSON Schemas of others that the product ships, each with its licence beside it."""
