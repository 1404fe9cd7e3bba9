"""How Sphinx builds the documentation site; `make docs` runs it, strictly."""

from zicht import __version__

project = "Zicht"
author = "The Zicht authors"
project_copyright = "2026 The Zicht authors, EUPL-1.2"
release = version = __version__
language = "en"

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["generators", "**/__pycache__"]

smartquotes = False  # codes such as BU9001---- stay as they are

html_theme = "furo"
html_title = "Zicht"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
