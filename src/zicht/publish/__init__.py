"""The static site, made from a release and from nothing else."""

from zicht.publish.catalogue import base_path
from zicht.publish.data import FEED, Issue, feed
from zicht.publish.delivery import Delivered, deliver
from zicht.publish.serve import serve
from zicht.publish.site import SiteReport, publish_site

__all__ = [
    "FEED",
    "Delivered",
    "Issue",
    "SiteReport",
    "base_path",
    "deliver",
    "feed",
    "publish_site",
    "serve",
]
