"""Where the secret of a project is kept, as people write it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zicht.declare.base import Declared


class Keys(Declared):
    """Where the secret is kept that pseudonyms are made with; never in the project folder, which is copied and shared."""

    kept: Literal["file", "environment", "keyring", "invented"] = Field(
        default="file",
        description=(
            "In a `file` that only its owner can read, in the `environment`, in a secret manager by way of the library `keyring`, or nowhere, "
            "because all people are `invented` and everybody may know it; that is believed of deliveries only that `zicht demo` made."
        ),
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Path of the file (`~/.config/zicht/<id of the project>.keys` where left out), name of the environment variable (`ZICHT_KEYS`), or name "
            "of the service in the secret manager (`zicht`)."
        ),
    )
