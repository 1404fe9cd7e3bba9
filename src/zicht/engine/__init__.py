"""Runs SQL, and keeps the store of immutable results and the steps that make them."""

from zicht.engine.duck import DuckDBEngine, Engine, EngineError, literal, quote, said_by
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
from zicht.engine.tally import FIXED, Tally, present

__all__ = [
    "FIXED",
    "DuckDBEngine",
    "Engine",
    "EngineError",
    "Made",
    "Progress",
    "Run",
    "State",
    "Step",
    "Store",
    "Tally",
    "code_digest",
    "digest_of",
    "file_digest",
    "files_in",
    "folder_digest",
    "literal",
    "needed_for",
    "present",
    "quote",
    "said_by",
    "write_whole",
]
