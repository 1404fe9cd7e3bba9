"""What the law asks and the folder answers: purposes, classification, what may be used for what, how long, and the papers that say so.

Nothing here runs SQL or reads data: it reads declarations, and follows columns through parsed SQL.
"""

from zicht.governance.standard import processing_breaches, processing_schema

__all__ = ["processing_breaches", "processing_schema"]
