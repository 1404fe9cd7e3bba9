"""The figures as data beside the pages: files for people and programs, and what describes them."""

from zicht.publish.data.describe import LICENCES, FileFact, dataset
from zicht.publish.data.feed import FEED, Issue, SignalNews, feed
from zicht.publish.data.geo import Atlas, all_in_one
from zicht.publish.data.index import closing_files
from zicht.publish.data.offers import POINTS, VERSIONS, Offer, Parcel, data_files, parcel, version_of
from zicht.publish.data.open_data import OPEN_DATA, offers_open_data

__all__ = [
    "FEED",
    "LICENCES",
    "OPEN_DATA",
    "POINTS",
    "VERSIONS",
    "Atlas",
    "FileFact",
    "Issue",
    "Offer",
    "Parcel",
    "SignalNews",
    "all_in_one",
    "closing_files",
    "data_files",
    "dataset",
    "feed",
    "offers_open_data",
    "parcel",
    "version_of",
]
