"""The static site, made from a release and from nothing else."""

from zicht.publish.catalogue import base_path
from zicht.publish.data import FEED, Issue, SignalNews, feed
from zicht.publish.delivery import Delivered, deliver
from zicht.publish.history import Earlier, History
from zicht.publish.notice import Notice, publish_notice
from zicht.publish.serve import serve
from zicht.publish.site import SiteReport, publish_site
from zicht.publish.whole import site_problems

__all__ = [
    "FEED",
    "Delivered",
    "Earlier",
    "History",
    "Issue",
    "Notice",
    "SignalNews",
    "SiteReport",
    "base_path",
    "deliver",
    "feed",
    "publish_notice",
    "publish_site",
    "serve",
    "site_problems",
]
