"""Steps are pure: what did not change is not made again, and a killed run leaves only finished results."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from zicht.engine.store import Progress, Step, Store, code_digest, folder_digest, needed_for
from zicht.errors import ZichtError


class Recorder:
    """Makes steps that write a text and counts how often each ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def step(self, name: str, text: str, *needs: str, **more: object) -> Step:
        def run(inputs: Mapping[str, Path], out: Path, progress: Progress) -> None:
            self.ran.append(name)
            read = "".join((folder / "text").read_text() for folder in inputs.values())
            (out / "text").write_text(text.format(read=read))

        more.setdefault("declared", text)
        return Step(name, run, needs, **more)  # type: ignore[arg-type]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".zicht")


def test_a_second_run_makes_nothing(store: Store, recorder: Recorder) -> None:
    plan = [recorder.step("a", "1"), recorder.step("b", "<{read}>", "a")]
    store.make(plan)
    again = store.make(plan)
    assert recorder.ran == ["a", "b"]
    assert {made.state for made in again.values()} == {"kept"}
    assert (again["b"].folder / "text").read_text() == "<1>"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"declared": {"x": 2}}, "its declaration changed"),
        ({"code": "new"}, "its code changed"),
        ({"outside": {"persons.csv": "f00"}}, "delivery `persons.csv` is new"),
    ],
)
def test_a_step_is_made_again_when_what_it_is_made_of_changes(
    store: Store, recorder: Recorder, change: dict[str, object], why: str
) -> None:
    store.make([recorder.step("a", "1")])
    made = store.make([recorder.step("a", "1", **change)])
    assert made["a"].state == "made"
    assert made["a"].why == why


def test_a_step_that_makes_the_same_bytes_stops_the_wave(store: Store, recorder: Recorder) -> None:
    store.make([recorder.step("a", "1"), recorder.step("b", "<{read}>", "a")])
    store.make([recorder.step("a", "1", code="new"), recorder.step("b", "<{read}>", "a")])
    assert recorder.ran == ["a", "b", "a"]


def test_a_failed_step_leaves_what_was_finished_and_nothing_half(store: Store, recorder: Recorder) -> None:
    def fail(inputs: Mapping[str, Path], out: Path, progress: Progress) -> None:
        (out / "half").write_text("half")
        raise ZichtError("no")

    plan = [recorder.step("a", "1"), Step("b", fail, ("a",))]
    with pytest.raises(ZichtError, match="no"):
        store.make(plan)
    assert not list(store.folder.rglob("half"))
    store.make([recorder.step("a", "1"), recorder.step("b", "ok", "a")])
    assert recorder.ran == ["a", "b"]


def test_the_lock_of_a_killed_run_does_not_stop_the_next(store: Store, recorder: Recorder) -> None:
    store.folder.mkdir()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    (store.folder / "lock").write_text(str(child))
    store.make([recorder.step("a", "1")])
    assert recorder.ran == ["a"]


def test_what_a_killed_run_was_making_is_gone_as_soon_as_another_begins_also_where_that_makes_nothing(
    store: Store,
) -> None:
    def killed(inputs: Mapping[str, Path], out: Path, progress: Progress) -> None:
        (out / "half").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        store.make([Step("a", killed)])
    os.waitpid(child, 0)
    assert list(store.folder.rglob("half"))
    with store.alone():
        assert not list(store.folder.rglob("half"))


def test_a_run_beside_another_is_refused(store: Store, recorder: Recorder) -> None:
    store.folder.mkdir()
    (store.folder / "lock").write_text(str(os.getpid()))
    with pytest.raises(ZichtError, match="Another run is busy"):
        store.make([recorder.step("a", "1")])


def test_results_nobody_refers_to_are_swept_but_snapshots_stay(store: Store, recorder: Recorder) -> None:
    def snapshot(inputs: Mapping[str, Path], out: Path, progress: Progress) -> None:
        (out / "accepted.parquet").write_text("first")

    old = store.make([recorder.step("a", "1"), Step("r", snapshot, declared="first")])
    store.make([recorder.step("a", "2"), recorder.step("r", "other")])
    assert not old["a"].folder.exists()
    assert old["r"].folder.exists()


def test_a_folder_digest_depends_on_names_and_bytes_only(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "file").write_text("same")
    os.utime(tmp_path / "y" / "deep" / "file", (1, 1))
    assert folder_digest(tmp_path / "x") == folder_digest(tmp_path / "y")
    (tmp_path / "y" / "deep" / "file").rename(tmp_path / "y" / "deep" / "other")
    assert folder_digest(tmp_path / "x") != folder_digest(tmp_path / "y")


def test_a_target_brings_what_it_rests_on_and_no_more(recorder: Recorder) -> None:
    plan = [
        recorder.step("a", ""),
        recorder.step("b", "", "a"),
        recorder.step("c", ""),
        recorder.step("d", "", "b"),
    ]
    assert [step.name for step in needed_for(plan, ["b"])] == ["a", "b"]
    with pytest.raises(KeyError):
        needed_for(plan, ["z"])


def test_what_a_compiler_leaves_behind_is_no_change_of_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "code.py").write_text("x = 1")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    before = code_digest.__wrapped__("room")
    (room / "__pycache__").mkdir()
    (room / "__pycache__" / "code.nbi").write_bytes(b"compiled")
    assert code_digest.__wrapped__("room") == before
    (room / "code.py").write_text("x = 2")
    assert code_digest.__wrapped__("room") != before
