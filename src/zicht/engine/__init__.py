"""Runs SQL, and keeps the store of immutable results and the steps that make them."""

from zicht.engine.store import (
    Made,
    Progress,
    Run,
    State,
    Step,
    Store,
    code_digest,
    digest_of,
    file_digest,
    files_in,
    folder_digest,
    needed_for,
    write_whole,
)

__all__ = [
    "Made",
    "Progress",
    "Run",
    "State",
    "Step",
    "Store",
    "code_digest",
    "digest_of",
    "file_digest",
    "files_in",
    "folder_digest",
    "needed_for",
    "write_whole",
]
