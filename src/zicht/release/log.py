"""Where decisions are kept: SQLite by default, PostgreSQL by one setting, through SQLAlchemy.

The database refuses to change or delete a row (triggers), and takes one decision at a time: SQLite locks before it reads (`BEGIN IMMEDIATE`), PostgreSQL
holds an advisory lock of the project; that two rows follow the same one is refused by a unique key besides. After each decision the number and digest of
the last are written beside the project too, so that a log that is cut off or replaced is noticed.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from zicht.engine import write_whole
from zicht.errors import Place, Problem, ZichtError
from zicht.release.decisions import PLACE, Decision, Head, Row, read_rows, row_of, verify_rows

FOLDER = "decisions"
"""The folder of a project with its decisions."""

FILE, WITNESS = "decisions.sqlite", "head.json"
WAIT = 30  # seconds to wait while another decides

_tables = sa.MetaData()
_decision = sa.Table(
    "decision",
    _tables,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.UniqueConstraint("project", "previous"),
    sa.UniqueConstraint("project", "digest"),
)

_MESSAGE = "decisions are appended, never changed"
_GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
        f"CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    ),
    "postgresql": (
        f"CREATE OR REPLACE FUNCTION decision_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$",
        "CREATE TRIGGER decision_no_change BEFORE UPDATE OR DELETE ON decision FOR EACH ROW EXECUTE FUNCTION decision_stays()",
        "CREATE TRIGGER decision_no_truncate BEFORE TRUNCATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION decision_stays()",
    ),
}
_TRIGGERS = 2
_COUNT_TRIGGERS = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'decision' AND name LIKE 'decision_no_%'",
    "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'decision'::regclass AND tgname LIKE 'decision_no_%' AND tgenabled <> 'D'",
}

_WITNESSED = threading.Lock()


class DecisionLog:
    """The decisions of one project.

    Args:
        project: id of the project.
        folder: the project folder; the file and the note of the last decision are kept in `decisions` in it.
        database: address of a PostgreSQL database without password; a SQLite file where left out. libpq finds the password in ~/.pgpass or PGPASSWORD.
    """

    def __init__(self, project: str, folder: Path, database: str | None = None) -> None:
        self.project = project
        self.folder = folder / FOLDER
        self._file = None if database is not None else self.folder / FILE
        self._engine = _engine_of(database or f"sqlite:///{self._file}", self._file)

    @property
    def witness(self) -> Path:
        """The file that tells which decision is the last."""
        return self.folder / WITNESS

    def rows(self) -> tuple[Row, ...]:
        """The rows as they are, in order of number, whole or not.

        Raises:
            ZichtError: the database cannot be read.
        """
        if self._file is not None and not self._file.is_file():
            return ()
        with self._trouble(), self._engine.connect() as connection:
            if not sa.inspect(connection).has_table(_decision.name):
                return ()
            return self._rows(connection)

    def heads(self) -> list[Head]:
        """The last decision, as the file beside the log tells; nothing where none was taken.

        Raises:
            ZichtError: the file cannot be read.
        """
        return read_heads(self.witness)

    def decisions(self, heads: Sequence[Head] = ()) -> tuple[Decision, ...]:
        """The decisions in order.

        Args:
            heads: what was kept of the log elsewhere, besides the file beside it.

        Raises:
            ZichtError: the log is not whole, or cannot be read.
        """
        # What tells of the last decision is read first: it is written after the decision, so rows that are read later hold it.
        heads = [*self.heads(), *heads]
        return read_rows(self.rows(), self.project, heads)

    def verify(self, heads: Sequence[Head] = ()) -> tuple[Problem, ...]:
        """What is wrong with the log: rows that were edited, deleted, inserted or re-ordered, a tail that is gone, a guard that was removed.

        Args:
            heads: what was kept of the log elsewhere, besides the file beside it.

        Raises:
            ZichtError: the database cannot be read.
        """
        heads = [*self.heads(), *heads]  # before the rows, as in `decisions`
        rows = self.rows()
        problems = verify_rows(rows, self.project, heads)
        return (*problems, *(self._unguarded() if rows else ()))

    def append(self, make: Callable[[tuple[Decision, ...]], Sequence[Decision]]) -> tuple[Decision, ...]:
        """Append decisions, while nobody else can.

        Args:
            make: given all decisions so far, gives those to append: numbered on from the last and each with the digest of the one before it.
                What it raises leaves the log as it was.

        Returns:
            What was appended.

        Raises:
            ZichtError: the log is not whole, cannot be written, or another decided at the same time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._trouble(), self._engine.begin() as connection:
            self._lock(connection)
            _make_tables(connection)
            made = tuple(make(read_rows(self._rows(connection), self.project, self.heads())))
            for decision in made:
                self._insert(connection, row_of(decision))
        if made:
            self._tell(made[-1])
        return made

    def _tell(self, last: Decision) -> None:
        """Keep which decision was the last. Another process can decide between a look at the file and writing it, so its word may be gone under ours."""
        while True:
            write_head(self.witness, last)
            latest = read_rows(self.rows(), self.project)[-1]
            if all(head.number >= latest.number for head in self.heads()):
                return
            last = latest

    def restore(self, rows: Sequence[Row]) -> None:
        """Put rows of a backup into a log that has none, or only the first of them.

        Args:
            rows: all rows of the backup, in order.

        Raises:
            ZichtError: the rows are not whole, or the log has others.
        """
        decisions = read_rows(rows, self.project)
        if not decisions:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._trouble(), self._engine.begin() as connection:
            self._lock(connection)
            _make_tables(connection)
            there = self._rows(connection)
            if there != tuple(rows[: len(there)]):
                raise ZichtError(
                    f"The database has other decisions of `{self.project}` than the backup; it is left as it was."
                )
            for row in rows[len(there) :]:
                self._insert(connection, row)
        _write_head(self.witness, decisions[-1])

    def _insert(self, connection: sa.Connection, row: Row) -> None:
        connection.execute(
            _decision.insert(),
            {
                "project": self.project,
                "number": row.number,
                "previous": row.previous,
                "digest": row.digest,
                "text": row.text,
            },
        )

    def _rows(self, connection: sa.Connection) -> tuple[Row, ...]:
        columns = _decision.c
        found = connection.execute(
            sa.select(columns.number, columns.previous, columns.digest, columns.text)
            .where(columns.project == self.project)
            .order_by(columns.number)
        )
        return tuple(Row(*row) for row in found)

    def _lock(self, connection: sa.Connection) -> None:
        if connection.dialect.name == "postgresql":
            # One lock for all projects of the database while its tables are made, and one a project for its decisions.
            for name in ("zicht", f"zicht {self.project}"):
                key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def _unguarded(self) -> Iterator[Problem]:
        with self._trouble(), self._engine.connect() as connection:
            found = connection.execute(sa.text(_COUNT_TRIGGERS[connection.dialect.name])).scalar_one()
        if found < _TRIGGERS:
            yield Problem(
                Place(PLACE), "can be changed: a trigger that refuses this was removed from the database."
            )

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.IntegrityError as error:
            raise ZichtError("Another decided at the same time; look at the log and decide again.") from error
        except sa.exc.SQLAlchemyError as error:
            said = str(getattr(error, "orig", None) or error).strip().splitlines() or ["no reason given"]
            raise ZichtError(f"The decisions of `{self.project}` cannot be reached: {said[0]}.") from error


def read_heads(path: Path) -> list[Head]:
    """What a file tells of the last decision; nothing where it is not there.

    Args:
        path: of the file.

    Raises:
        ZichtError: the file cannot be read.
    """
    if not path.exists():
        return []
    try:
        value = json.loads(path.read_text("utf-8"))
        return [Head(int(value["number"]), str(value["digest"]), path.name)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ZichtError(f"{path} cannot be read, so it is not known which decision was the last.") from error


def write_head(path: Path, decision: Decision) -> None:
    """Keep which decision was the last; a later one that is kept already stays.

    Args:
        path: of the file.
        decision: the last.

    Raises:
        ZichtError: there is a file, and it cannot be read.
    """
    # The database lets the next one in before this is written, so two can come here at once, and the later one first.
    with _WITNESSED:
        if all(head.number < decision.number for head in read_heads(path)):
            _write_head(path, decision)


def _write_head(path: Path, decision: Decision) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "number": decision.number,
        "digest": decision.digest,
        "at": decision.at,
        "release": decision.release,
    }
    write_whole(path, json.dumps(told, sort_keys=True, indent=1) + "\n")


def _engine_of(url: str, file: Path | None) -> sa.Engine:
    try:
        engine = sa.create_engine(
            url if file is not None else sa.make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"timeout": WAIT} if file is not None else {"connect_timeout": WAIT},
            poolclass=sa.NullPool,
        )
    except ModuleNotFoundError as error:
        raise ZichtError(
            "Decisions in PostgreSQL need the extra `postgres`: install `zicht[postgres]`."
        ) from error
    if file is not None:
        sa.event.listen(engine, "connect", _no_begin)
        sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def _no_begin(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # The driver begins a transaction only at the first write; two who decide must not both read before either writes.
    connection.isolation_level = None


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _make_tables(connection: sa.Connection) -> None:
    if not sa.inspect(connection).has_table(_decision.name):
        _tables.create_all(connection)
        for statement in _GUARDS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
