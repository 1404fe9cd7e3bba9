"""What turns code into pages of the reference; each module has a function `pages` that gives text by name."""
