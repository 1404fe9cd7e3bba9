"""The static site, made from a release and from nothing else."""

from zicht.publish.serve import serve
from zicht.publish.site import SiteReport, publish_site

__all__ = ["SiteReport", "publish_site", "serve"]
