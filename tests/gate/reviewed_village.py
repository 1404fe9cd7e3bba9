"""A village whose figures are reviewed by people: built, and brought as far as a test needs."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from zicht.chain import Desk, actor, desk, judge, publish, submit
from zicht.release import Action, Actor, Decision

START = dt.datetime(2025, 3, 1, 9, 0, tzinfo=dt.UTC)
PEOPLE = """review:
  people:
    - {id: maker, name: Mae de Maker, roles: [maker, reviewer], account: mae}
    - {id: toetser, name: Tess de Toetser, roles: [reviewer, approver], account: tess}
    - {id: goedkeurder, name: Gijs de Goedkeurder, roles: [approver, maker], account: gijs}
    - {id: uitgever, name: Udo de Uitgever, roles: [publisher], account: udo}
"""
ACCOUNTS = {"maker": "mae", "toetser": "tess", "goedkeurder": "gijs", "uitgever": "udo"}


class Village:
    """A built project, and a clock that moves a minute with each deed."""

    def __init__(self, folder: Path, minutes: int = 0) -> None:
        self.folder = folder
        self.minutes = minutes
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = desk(self.folder)
        return self._desk

    def when(self) -> dt.datetime:
        self.minutes += 1
        return START + dt.timedelta(minutes=self.minutes)

    def who(self, person: str, account: str | None = None) -> Actor:
        return actor(self.desk, account or ACCOUNTS[person], person)

    def submit(self, person: str = "maker") -> Decision:
        return submit(self.desk, self.who(person), self.when())[-1]

    def judge(self, action: Action, person: str, reason: str = "") -> Decision:
        return judge(self.desk, action, self.who(person), self.when(), reason=reason)

    def approve(self) -> Decision:
        """All that comes before publishing."""
        self.submit()
        self.judge(Action.REVIEW, "toetser")
        return self.judge(Action.APPROVE, "goedkeurder")

    def publish(self, digest: str | None = None) -> Decision:
        return publish(self.desk, self.who("uitgever"), self.when(), digest)

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a declaration."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{file} does not hold once: {old}"
        path.write_text(text.replace(old, new), "utf-8")
        self._desk = None

    def copy(self, to: Path) -> Village:
        shutil.copytree(self.folder, to)
        return Village(to, self.minutes)


def with_people(folder: Path) -> None:
    """Declare people who decide in the folder that `zicht new` makes."""
    path = folder / "zicht.yaml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(PEOPLE if line.startswith("review:") else line for line in lines), "utf-8")
