"""A content-addressed bundle of protected figures and the evidence for them."""

from zicht.release.bundle import Content, Release, Verification, open_release, verify_release, write_release
from zicht.release.protected import HIDDEN, PUBLIC_COLUMNS, ProtectedFigures

__all__ = [
    "HIDDEN",
    "PUBLIC_COLUMNS",
    "Content",
    "ProtectedFigures",
    "Release",
    "Verification",
    "open_release",
    "verify_release",
    "write_release",
]
