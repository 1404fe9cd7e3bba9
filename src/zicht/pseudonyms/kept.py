"""Where the secret of a project is kept: in a file of its owner alone, in the environment, or in a secret manager; never in the project.

A project folder is copied, mailed and kept in Git, so a secret in it is no secret. A file with secrets must lie outside every project, belong to
whoever runs Zicht, and be readable for nobody else; so must the folder that it is in not be writable for others, who could put another file in
its place. This is what OpenSSH asks of its keys.
"""

from __future__ import annotations

import hashlib
import os
import stat
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from zicht.pseudonyms.keys import KeyRing, SecretError, fresh_ring, read_ring

Kept = Literal["file", "environment", "keyring", "invented"]
"""Where the secret of a project may be kept."""

VARIABLE = "ZICHT_KEYS"
"""The environment variable that goes before a file, and the one that is read where a project names none."""

SERVICE = "zicht"
"""The name under which secrets are kept in a secret manager, where a project names no other."""

_OTHERS = 0o077  # what nobody but the owner may do with the file
_WRITES = 0o022  # what nobody but the owner may do with its folder
_STICKY = 0o1000  # in a folder with this mark others can replace only what is their own
_INVENTED = b"zicht: these people are invented, and everybody may know this secret; "


class SecretManager(Protocol):
    """What is used of a secret manager: the face of the library keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret of `username` at `service`; None where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep `password` as the secret of `username` at `service`."""


@dataclass(frozen=True)
class KeyPlace:
    """Where the secret of one project is kept.

    Attributes:
        project: id of the project.
        folder: its folder, which may not hold the secret.
        kept: the kind of place.
        name: path of the file, name of the environment variable, or name of the service; the usual one where None.
    """

    project: str
    folder: Path
    kept: Kept = "file"
    name: str | None = None

    @property
    def file(self) -> Path:
        """The file, where it is one."""
        if self.name is None:
            return config_folder() / f"{self.project}.keys"
        return Path(self.name).expanduser()

    @property
    def from_environment(self) -> str | None:
        """The environment variable that is read, where it is one."""
        if self.kept == "environment":
            return self.name or VARIABLE
        return VARIABLE if self.kept == "file" and VARIABLE in os.environ else None

    def __str__(self) -> str:
        variable = self.from_environment
        if variable is not None:
            return f"the environment variable {variable}"
        return {
            "file": str(self.file),
            "keyring": f"the secret manager (service {self.name or SERVICE}, name {self.project})",
        }.get(self.kept, "a secret that everybody may know, for invented people")

    def read(self) -> KeyRing:
        """The secrets that are kept there.

        Raises:
            SecretError: there are none, they are not fit to be used, or others could read or replace them.
        """
        if self.kept == "invented":
            return KeyRing(
                self.project, str(self), {1: hashlib.sha256(_INVENTED + self.project.encode()).digest()}
            )
        return read_ring(self._text(), self.project, str(self))

    def make(self) -> KeyRing:
        """A new secret, kept there.

        Raises:
            SecretError: there is one already, nothing can be kept there, or others could read it there.
        """
        ring = fresh_ring(self.project, str(self))
        self._refuse_unmakeable()
        if self.kept == "keyring":
            manager = secret_manager()
            if manager.get_password(self.name or SERVICE, self.project) is not None:
                raise SecretError(
                    f"There is a secret already in {self}; `zicht keys rotate` makes a new one beside it."
                )
            manager.set_password(self.name or SERVICE, self.project, ring.text())
        else:
            if self.file.exists():
                raise SecretError(
                    f"There is a secret already: {self}; `zicht keys rotate` makes a new one beside it."
                )
            self._write(ring)
        return ring

    def rotate(self) -> KeyRing:
        """A new version of the secret beside those that are kept there.

        Raises:
            SecretError: as `read` and `make`.
        """
        self._refuse_unmakeable()
        ring = self.read().rotated()
        if self.kept == "keyring":
            secret_manager().set_password(self.name or SERVICE, self.project, ring.text())
        else:
            self._write(ring)
        return ring

    def _text(self) -> str:
        variable = self.from_environment
        if variable is not None:
            if variable not in os.environ:
                raise SecretError(f"The environment variable {variable} is not set; it must hold the secrets of project `{self.project}`.")  # fmt: skip
            return os.environ[variable]
        if self.kept == "keyring":
            found = secret_manager().get_password(self.name or SERVICE, self.project)
            if found is None:
                raise SecretError(
                    f"There is no secret in {self}. Have one made with `zicht keys new {self.folder}`."
                )
            return found
        return self._file_text()

    def _file_text(self) -> str:
        self._refuse_in_project()
        try:
            handle = os.open(self.file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError:
            raise SecretError(
                f"There are no keys for the pseudonyms of project `{self.project}`: {self.file} is not there. "
                f"Have them made with `zicht keys new {self.folder}`, or put those of your organisation there."
            ) from None
        except OSError as error:
            raise SecretError(f"{self.file} cannot be read: {error.strerror or 'it is a link'}. It must be a file of its own.") from None  # fmt: skip
        with os.fdopen(handle, "rb") as file:
            # Looked at through the open file, so that nothing can be put in its place in between.
            self._refuse_open_to_others(os.fstat(file.fileno()))
            try:
                return file.read(1_000_000).decode()
            except UnicodeDecodeError:
                raise SecretError(f"{self.file} holds no text, so it is no file with keys.") from None

    def _refuse_open_to_others(self, found: os.stat_result) -> None:
        if os.name != "posix":
            return
        if not stat.S_ISREG(found.st_mode):
            raise SecretError(f"{self.file} is no ordinary file.")
        if found.st_uid != os.geteuid():
            raise SecretError(f"{self.file} belongs to another user. It must be yours: `chown` it.")
        if found.st_mode & _OTHERS:
            raise SecretError(
                f"Others may read or change {self.file} (mode {stat.S_IMODE(found.st_mode):04o}). Run `chmod 600 {self.file}`, and "
                "make new keys with `zicht keys rotate` where somebody may have read them."
            )
        mode = self.file.resolve().parent.stat().st_mode
        if mode & _WRITES and not mode & _STICKY:
            raise SecretError(f"Others may write in {self.file.resolve().parent}, and so put other keys there. Run `chmod go-w` on it.")  # fmt: skip

    def _refuse_in_project(self) -> None:
        if inside_project(self.file, self.folder):
            raise SecretError(f"{self.file} lies in a project folder, and those are copied and shared. Keep keys outside: leave `name` out, or move them.")  # fmt: skip

    def _refuse_unmakeable(self) -> None:
        if self.kept == "invented":
            raise SecretError(
                "This project has invented people, whose secret everybody may know; there is nothing to make."
            )
        if self.from_environment is not None:
            raise SecretError(f"The secret is read from {self}; a program cannot keep one there for you.")

    def _write(self, ring: KeyRing) -> None:
        """Write the file beside and move it into place, so that no version is ever lost halfway."""
        self._refuse_in_project()
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = self.file.with_name(f".{self.file.name}.{uuid.uuid4().hex}")
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(ring.text())
            beside.replace(self.file)
        except OSError as error:
            raise SecretError(f"{self.file} cannot be written: {error.strerror}.") from None


def inside_project(path: Path, folder: Path) -> bool:
    """Whether a path lies in a project folder, this one or another; those are copied and shared.

    Args:
        path: of a file that need not be there.
        folder: a project folder.
    """
    found = path.resolve()
    inside = [folder.resolve(), *(parent for parent in found.parents if (parent / "zicht.yaml").exists())]
    return any(found.is_relative_to(one) for one in inside)


def config_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder of the user for secrets: `$XDG_CONFIG_HOME/zicht`, `zicht` in `%APPDATA%`, or `~/.config/zicht`.

    Args:
        environment: where to look; that of the program where left out.
    """
    looked = os.environ if environment is None else environment
    base = looked.get("XDG_CONFIG_HOME") or looked.get("APPDATA")
    return (Path(base) if base else Path.home() / ".config") / "zicht"


def secret_manager() -> SecretManager:
    """The secret manager of this machine, by way of the library keyring.

    Raises:
        SecretError: the library is not there.
    """
    try:
        import keyring
    except ImportError:
        raise SecretError(
            "Secrets in a secret manager need the library keyring: install `zicht[keyring]`."
        ) from None
    return keyring
