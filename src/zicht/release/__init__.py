"""A content-addressed bundle of protected figures and the evidence for them."""

from zicht.release.bundle import Content, Release, Verification, open_release, verify_release, write_release
from zicht.release.protected import HIDDEN, PUBLIC_COLUMNS, ProtectedFigures, PublicFindings

__all__ = [
    "HIDDEN",
    "PUBLIC_COLUMNS",
    "Content",
    "ProtectedFigures",
    "PublicFindings",
    "Release",
    "Verification",
    "open_release",
    "verify_release",
    "write_release",
]
