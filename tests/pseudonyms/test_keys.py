"""Secrets: how they are written, derived, followed up and kept."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from zicht.pseudonyms import KeyPlace, SecretError, read_ring
from zicht.pseudonyms.kept import config_folder
from zicht.pseudonyms.keys import fresh_ring

HEX = bytes(range(32)).hex()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder on a machine where no secret was made yet."""
    monkeypatch.delenv("ZICHT_KEYS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "zicht.yaml").write_text("zicht: 1\n")
    return folder


def test_what_is_written_is_read_again() -> None:
    ring = fresh_ring("city", "here").rotated()
    assert read_ring(ring.text(), "city", "here").secrets == ring.secrets
    assert ring.version == 2


def test_lines_commas_and_remarks_may_stand_between_secrets() -> None:
    other = bytes(range(50, 82)).hex()
    assert sorted(read_ring(f"# mine\n1 = {HEX}, 2={other.upper()} # new\n", "city", "here").secrets) == [
        1,
        2,
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no secret"),
        ("# nothing", "holds no secret"),
        ("1 = 1234", "is no secret"),
        (f"0 = {HEX}", "is no secret"),
        (HEX, "is no secret"),
        (f"1={HEX}\n1={HEX}", "version 1 twice"),
        (f"1={'00' * 32}", "not random"),
        (f"1={b'welkom01welkom01welkom01welkom01'.hex()}", "not random"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_shown(text: str, said: str) -> None:
    with pytest.raises(SecretError, match=said) as refused:
        read_ring(text, "city", "the file")
    assert HEX not in str(refused.value)
    assert "1234" not in str(refused.value)


def test_every_version_gives_other_keys_and_old_ones_stay_at_hand() -> None:
    ring = read_ring(f"1={HEX}", "city", "here").rotated()
    assert ring.domain("care").version == 2
    assert ring.domain("care", 1).secret == read_ring(f"1={HEX}", "city", "here").domain("care").secret
    assert ring.domain("care").secret != ring.domain("care", 1).secret
    with pytest.raises(SecretError, match="no secret of version 3"):
        ring.domain("care", 3)


def test_a_fingerprint_tells_keys_apart_and_shows_nothing_of_them() -> None:
    ring = read_ring(f"1={HEX}", "city", "here")
    prints = {ring.domain(name).fingerprint for name in ("care", "police", "homes")}
    assert len(prints) == 3
    assert not any(
        one in ring.domain(name).secret.hex() for one in prints for name in ("care", "police", "homes")
    )


def test_a_secret_is_in_no_text_that_a_key_makes_of_itself() -> None:
    ring = read_ring(f"1={HEX}", "city", "here")
    key = ring.domain("care")
    for text in (repr(ring), str(ring), repr(key), f"{key}", repr({"key": key}), repr(Exception(key))):
        assert HEX not in text
        assert repr(bytes.fromhex(HEX)) not in text
        assert key.secret.hex() not in text
        assert repr(key.secret) not in text


def test_a_made_secret_is_for_its_owner_alone_and_is_never_replaced(project: Path) -> None:
    place = KeyPlace("city", project)
    made = place.make()
    assert place.file == config_folder() / "city.keys"
    assert place.file.stat().st_mode & 0o777 == 0o600
    assert place.read().secrets == made.secrets
    with pytest.raises(SecretError, match="a secret already"):
        place.make()


def test_a_new_version_stands_beside_the_old_one(project: Path) -> None:
    place = KeyPlace("city", project)
    first = place.make()
    assert place.rotate().version == 2
    assert place.read().secrets[1] == first.secrets[1]
    assert place.file.stat().st_mode & 0o777 == 0o600


def test_without_a_secret_the_message_says_how_to_have_one_made(project: Path) -> None:
    with pytest.raises(SecretError, match="zicht keys new"):
        KeyPlace("city", project).read()


def test_the_environment_goes_before_a_file_and_nothing_is_kept_there(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeyPlace("city", project).make()
    monkeypatch.setenv("ZICHT_KEYS", f"3={HEX}")
    assert KeyPlace("city", project).read().version == 3
    with pytest.raises(SecretError, match="cannot keep one there"):
        KeyPlace("city", project).rotate()
    monkeypatch.setenv("CITY_SECRET", f"5={HEX}")
    assert KeyPlace("city", project, "environment", "CITY_SECRET").read().version == 5
    monkeypatch.delenv("CITY_SECRET")
    with pytest.raises(SecretError, match="CITY_SECRET is not set"):
        KeyPlace("city", project, "environment", "CITY_SECRET").read()


class Locker(KeyringBackend):
    """A secret manager in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


def test_a_secret_manager_keeps_it_by_way_of_the_library_keyring(project: Path) -> None:
    before, locker = keyring.get_keyring(), Locker()
    keyring.set_keyring(locker)
    try:
        place = KeyPlace("city", project, "keyring")
        with pytest.raises(SecretError, match="no secret in the secret manager"):
            place.read()
        made = place.make()
        assert place.read().secrets == made.secrets
        with pytest.raises(SecretError, match="a secret already"):
            place.make()
        assert place.rotate().version == 2
        assert list(locker.kept) == [("zicht", "city")]
    finally:
        keyring.set_keyring(before)


def test_the_secret_of_invented_people_is_the_same_everywhere(project: Path) -> None:
    first, again = (KeyPlace("city", folder, "invented").read() for folder in (project, project.parent))
    assert first.domain("care").secret == again.domain("care").secret
    with pytest.raises(SecretError, match="nothing to make"):
        KeyPlace("city", project, "invented").make()


def test_a_file_of_another_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = KeyPlace("city", project)
    place.make()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(SecretError, match="another user"):
        place.read()


def test_a_key_can_be_sent_to_a_worker_and_is_still_the_same_key() -> None:
    key = read_ring(f"1={HEX}", "city", "here").domain("care")
    assert pickle.loads(pickle.dumps(key)) == key
