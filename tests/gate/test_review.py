"""Attempts to get something published, or something decided, past the people who should have decided: all refused or found out."""

from __future__ import annotations

import datetime as dt
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from reviewed_village import PEOPLE, START, Village

from zicht.chain import (
    actor,
    back_up,
    build,
    desk,
    dossier,
    judge,
    mark_published,
    publish,
    restore,
    verify_decisions,
    withdraw,
)
from zicht.errors import DeclarationError, ZichtError
from zicht.release import Action, Decision, State, Wish, decide


def refused(deed: Callable[[], object], why: str) -> None:
    with pytest.raises(ZichtError, match=why):
        deed()


def state(village: Village) -> State:
    at = village.desk
    return at.standing(at.release().digest).state


def in_the_database(village: Village, *statements: str, guarded: bool = False) -> None:
    """Do as somebody who may write the file of the decisions; the guards are taken off first, unless they are to be tried."""
    with closing(sqlite3.connect(village.folder / "decisions" / "decisions.sqlite")) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in () if guarded else guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in () if guarded else guards:
            connection.execute(sql)
        connection.commit()


def found(village: Village) -> str:
    return "\n".join(str(problem) for problem in verify_decisions(village.desk))


def test_the_way_that_is_meant_leads_to_the_public(published: Village) -> None:
    assert state(published) == State.PUBLISHED
    assert found(published) == ""
    assert (published.folder / ".zicht/public/index.html").is_file()


# Without having been reviewed


def test_an_unreviewed_release_cannot_be_published(village: Village) -> None:
    village.submit()
    refused(village.publish, "is submitted, so it cannot be decided to publish")
    assert not list((village.folder / "published").glob("2025*"))


def test_a_candidate_cannot_be_reviewed_before_it_is_submitted(village: Village) -> None:
    refused(
        lambda: village.judge(Action.REVIEW, "toetser"), "is candidate, so it cannot be decided to review"
    )


def test_nothing_can_be_published_where_nobody_is_declared_to_decide(village: Village) -> None:
    village.edit("zicht.yaml", PEOPLE, "")
    refused(
        lambda: publish(village.desk, actor(village.desk, "mae"), START),
        "does not say who decides about releases",
    )


def test_publishing_without_review_where_people_are_declared_is_refused(village: Village) -> None:
    at = village.desk
    wish = Wish(Action.PUBLISH_UNREVIEWED, at.release().digest, village.who("uitgever"), village.when())
    village.submit()
    refused(lambda: decide(at.log, at.project.file.review, [wish]), "is submitted, so it cannot")
    refused(lambda: actor(at, "root"), "No person in zicht.yaml has the account `root`")


def test_a_release_without_review_says_why_on_the_site(village: Village) -> None:
    village.edit("zicht.yaml", PEOPLE, 'review: {none: "Niemand heeft hier tijd voor."}\n')
    build(village.folder)
    publish(village.desk, actor(village.desk, "root"), START)
    page = (village.folder / ".zicht/public/verantwoording/index.html").read_text("utf-8")
    assert "Niemand heeft hier tijd voor." in page


# By one who may not


def test_the_maker_cannot_review_the_own_release(village: Village) -> None:
    village.submit("maker")
    refused(lambda: village.judge(Action.REVIEW, "maker"), "`maker` made and submitted this release")


def test_the_maker_cannot_approve_the_own_release(village: Village) -> None:
    village.submit("goedkeurder")
    village.judge(Action.REVIEW, "toetser")
    refused(
        lambda: village.judge(Action.APPROVE, "goedkeurder"), "`goedkeurder` made and submitted this release"
    )


def test_one_person_cannot_be_reviewer_and_approver_of_one_release(village: Village) -> None:
    village.submit()
    village.judge(Action.REVIEW, "toetser")
    refused(lambda: village.judge(Action.APPROVE, "toetser"), "`toetser` reviewed this release")


def test_a_person_cannot_take_a_role_that_is_not_declared(village: Village) -> None:
    village.submit()
    refused(
        lambda: village.judge(Action.REVIEW, "uitgever"),
        "`uitgever` may not review: that takes the role `reviewer`",
    )


def test_acting_as_another_from_the_own_account_is_refused(village: Village) -> None:
    village.submit()
    refused(
        lambda: judge(village.desk, Action.REVIEW, village.who("toetser", account="mae"), village.when()),
        "`toetser` decides from the account `tess`, and this is `mae`",
    )


def test_somebody_who_is_not_declared_cannot_decide(village: Village) -> None:
    village.submit()
    refused(lambda: actor(village.desk, "eva", "toetsser"), "did you mean `toetser`")


def test_giving_oneself_the_role_for_one_decision_makes_what_was_decided_count_no_more(
    village: Village,
) -> None:
    own, taken = "roles: [publisher], account: udo", "roles: [publisher, reviewer], account: udo"
    village.submit()
    village.edit("zicht.yaml", own, taken)
    refused(
        lambda: village.judge(Action.REVIEW, "uitgever"), "people in zicht.yaml are others .* counts no more"
    )


def test_a_role_taken_back_after_use_makes_its_decision_count_no_more(village: Village) -> None:
    own, taken = "roles: [publisher], account: udo", "roles: [publisher, reviewer], account: udo"
    village.edit("zicht.yaml", own, taken)
    village.submit()
    village.judge(Action.REVIEW, "uitgever")
    village.edit("zicht.yaml", taken, own)
    refused(
        lambda: village.judge(Action.APPROVE, "goedkeurder"),
        "people in zicht.yaml are others .* counts no more",
    )


def test_three_roles_cannot_be_given_to_two_people(village: Village) -> None:
    two = PEOPLE.replace(
        "    - {id: goedkeurder, name: Gijs de Goedkeurder, roles: [approver, maker], account: gijs}\n", ""
    )
    village.edit("zicht.yaml", PEOPLE, two.replace("[maker, reviewer]", "[maker]"))
    with pytest.raises(DeclarationError, match="no three persons of whom one makes"):
        desk(village.folder)


def test_one_account_behind_two_persons_is_shown_to_who_reviews(village: Village) -> None:
    village.edit("zicht.yaml", ", account: tess", "")
    village.submit()
    judge(village.desk, Action.REVIEW, village.who("toetser", account="mae"), village.when())
    assert any(
        "`mae` decided as maker and as toetser" in str(doubt) for doubt in dossier(village.desk).doubts
    )


# With something else than what was reviewed


def test_changed_sql_after_approval_gives_a_release_for_which_the_approval_does_not_count(
    approved: Village,
) -> None:
    before = approved.desk.release().digest
    approved.edit(
        "indicators/bevolking.yaml", "peiljaar - geboortejaar >= 18", "peiljaar - geboortejaar >= 17"
    )
    assert build(approved.folder).release.digest != before  # type: ignore[union-attr]
    refused(approved.publish, "for which that approval does not count")


def test_changed_sql_without_a_new_build_cannot_be_submitted(village: Village) -> None:
    village.edit(
        "indicators/bevolking.yaml", "peiljaar - geboortejaar >= 18", "peiljaar - geboortejaar >= 17"
    )
    refused(village.submit, "current: The folder or its deliveries changed after the build")


def test_a_file_swapped_in_the_approved_release_is_found(approved: Village) -> None:
    release = approved.desk.release().path
    (release / "figures/bijstand.parquet").write_bytes((release / "figures/inwoners.parquet").read_bytes())
    refused(approved.publish, "was changed after it was made")


def test_a_file_swapped_in_a_snapshot_is_found(village: Village) -> None:
    accepted = next((village.folder / ".zicht/objects").glob("*/accepted.parquet"))
    accepted.write_bytes(accepted.read_bytes() + b"\0")
    refused(village.submit, "snapshots: The snapshot of register `inwoners` was changed")


def test_a_page_of_the_site_edited_by_hand_is_found(village: Village) -> None:
    page = village.folder / ".zicht/site/index.html"
    page.write_text(page.read_text("utf-8").replace("Proefdorp", "Elders"), "utf-8")
    refused(village.submit, r"site: index\.html was changed after it was made")


def test_a_published_release_edited_afterwards_is_found(published: Village) -> None:
    next((published.folder / "published").glob("2025*/catalogue.json")).write_text("{}", "utf-8")
    assert "catalogue.json: was changed" in found(published)


def test_a_release_put_among_the_published_by_hand_is_found(village: Village) -> None:
    mark_published(village.desk.release(), village.folder, dt.date(2025, 3, 1))
    assert "and no decision published it" in found(village)


def test_two_releases_that_were_not_protected_together_cannot_both_be_published(village: Village) -> None:
    first = village.approve()
    village.edit("zicht.yaml", "title: {nl: Proefdorp in cijfers", "title: {nl: Proefdorp in getallen")
    build(village.folder)
    village.approve()
    village.publish(first.release)
    refused(village.publish, "it was not protected together with that one")


# After it was withdrawn or sent back


def test_a_withdrawn_release_is_off_the_site_at_once_and_never_back(published: Village) -> None:
    digest = published.desk.release().digest
    withdraw(
        published.desk, published.who("uitgever"), published.when(), "Verkeerde levering van Burgerzaken."
    )
    public = published.folder / ".zicht/public"
    assert sorted(path.name for path in public.rglob("*")) == ["404.html", "besluit.json", "index.html"]
    assert "Verkeerde levering van Burgerzaken." in (public / "index.html").read_text("utf-8")
    refused(
        lambda: published.publish(digest),
        "is withdrawn, so it cannot be decided to publish; what can be: nothing",
    )


def test_the_notes_tell_of_the_release_before_until_that_is_withdrawn(published: Village) -> None:
    first = published.desk.release().digest
    published.edit("zicht.yaml", "title: {nl: Proefdorp in cijfers", "title: {nl: Proefdorp in getallen")
    build(published.folder)
    published.approve()
    published.publish()
    notes = published.folder / ".zicht/public/wijzigingen/index.html"
    assert first in notes.read_text("utf-8")
    withdraw(
        published.desk,
        published.who("uitgever"),
        published.when(),
        "Verkeerde levering van Burgerzaken.",
        first,
    )
    assert first not in notes.read_text("utf-8")
    assert "eerste uitgave" in notes.read_text("utf-8")


def test_nothing_is_withdrawn_without_a_reason(published: Village) -> None:
    refused(
        lambda: withdraw(published.desk, published.who("uitgever"), published.when(), "fout"),
        "takes a reason",
    )


def test_a_review_of_before_a_release_was_sent_back_counts_no_more(village: Village) -> None:
    village.submit()
    village.judge(Action.REVIEW, "toetser")
    village.judge(Action.RETURN, "goedkeurder", "De toelichting bij bijstand klopt niet.")
    village.submit()
    refused(
        lambda: village.judge(Action.APPROVE, "goedkeurder"),
        "is submitted, so it cannot be decided to approve",
    )


def test_a_withdrawn_site_that_is_put_back_by_hand_is_found(published: Village) -> None:
    public = published.folder / ".zicht/public"
    kept = public.with_name("kept")
    public.rename(kept)
    withdraw(
        published.desk, published.who("uitgever"), published.when(), "Verkeerde levering van Burgerzaken."
    )
    public.rename(public.with_name("notice"))
    kept.rename(public)
    assert "public/: shows something else than was decided" in found(published)


# In the decisions themselves


def test_the_database_refuses_to_change_or_delete_a_decision(village: Village) -> None:
    village.submit()
    for statement in ("UPDATE decision SET text = replace(text, 'maker', 'toetser')", "DELETE FROM decision"):
        with pytest.raises(sqlite3.IntegrityError, match="appended, never changed"):
            in_the_database(village, statement, guarded=True)


def test_an_edited_decision_is_found_and_nothing_is_decided_on_it(approved: Village) -> None:
    in_the_database(
        approved, "UPDATE decision SET text = replace(text, 'goedkeurder', 'uitgever') WHERE number = 4"
    )
    assert "decisions:4: was edited" in found(approved)
    refused(approved.publish, "not as they were taken, so nothing can be decided on them")


def test_a_deleted_decision_is_found(approved: Village) -> None:
    in_the_database(approved, "DELETE FROM decision WHERE number = 3")
    assert "one was deleted, inserted or re-ordered" in found(approved)


def test_re_ordered_decisions_are_found(approved: Village) -> None:
    in_the_database(
        approved,
        "UPDATE decision SET number = 9 WHERE number = 3",
        "UPDATE decision SET number = 3 WHERE number = 4",
        "UPDATE decision SET number = 4 WHERE number = 9",
    )
    assert "does not follow the decision before it" in found(approved)


def test_the_last_decisions_cut_off_are_found(published: Village) -> None:
    withdraw(
        published.desk, published.who("uitgever"), published.when(), "Verkeerde levering van Burgerzaken."
    )
    in_the_database(published, "DELETE FROM decision WHERE number = 6")
    assert "is not there any more" in found(published)
    (published.folder / "decisions/head.json").unlink()
    assert "decisions.json tells of 6 decisions, and the log has 5" in found(published)


def test_a_log_written_anew_from_the_start_is_found(published: Village) -> None:
    (published.folder / "decisions/decisions.sqlite").unlink()
    (published.folder / "decisions/head.json").unlink()
    refused(published.desk.decisions, "not as they were taken")


def test_a_decision_written_into_the_log_with_a_right_chain_is_found_by_what_it_decides(
    village: Village,
) -> None:
    last = village.submit()
    forged = Decision(
        last.number + 1, last.project, last.release, Action.PUBLISH, "uitgever", "publisher", "udo",
        "2026-01-01T00:00:00Z", previous=last.digest,
    )  # fmt: skip
    in_the_database(
        village,
        f"INSERT INTO decision VALUES ('{forged.project}', {forged.number}, '{forged.previous}', '{forged.digest}', '{forged.text()}')",
    )
    assert "a release that is submitted knows no `publish`" in found(village)


def test_guards_taken_off_the_database_are_missed(village: Village) -> None:
    village.submit()
    in_the_database(village, "DROP TRIGGER decision_no_update", guarded=True)
    assert "a trigger that refuses this was removed" in found(village)


def test_a_decision_dated_before_the_last_is_refused(village: Village) -> None:
    village.submit()
    refused(
        lambda: judge(village.desk, Action.REVIEW, village.who("toetser"), START - dt.timedelta(days=1)),
        "The clock of this machine stands at",
    )


def test_a_password_of_the_database_in_the_folder_is_refused(village: Village) -> None:
    village.edit("zicht.yaml", PEOPLE, f"{PEOPLE}  database: postgresql://zicht:geheim123@db.example/zicht\n")
    with pytest.raises(DeclarationError, match="holds a password") as caught:
        desk(village.folder)
    assert "geheim123" not in str(caught.value)


# In what is put back


def test_a_backup_put_back_has_the_same_digests(published: Village, tmp_path: Path) -> None:
    digest = published.desk.release().digest
    made = back_up(published.folder, tmp_path / "b.tar.zst")
    assert (tmp_path / "b.tar.zst").stat().st_mode & 0o077 == 0
    rows = published.desk.log.rows()
    published.folder.rename(tmp_path / "gone")
    back = restore(tmp_path / "b.tar.zst", published.folder)
    assert (back.digest, back.release) == (made.digest, digest)
    assert published.desk.log.rows() == rows
    assert found(published) == ""


def test_a_backup_in_which_a_file_was_swapped_is_not_put_back(published: Village, tmp_path: Path) -> None:
    back_up(published.folder, tmp_path / "b.tar.zst")
    with (
        pa.CompressedInputStream(str(tmp_path / "b.tar.zst"), "zstd") as old,
        pa.CompressedOutputStream(str(tmp_path / "c.tar.zst"), "zstd") as new,
        tarfile.open(fileobj=old, mode="r|") as source,
        tarfile.open(fileobj=new, mode="w|") as target,
    ):
        for member in source:
            data = source.extractfile(member).read()  # type: ignore[union-attr]
            if member.name.endswith("inwoners.csv"):
                data = data.replace(b"1", b"2")
            member.size = len(data)
            target.addfile(member, io.BytesIO(data))
    refused(
        lambda: restore(tmp_path / "c.tar.zst", tmp_path / "back"), "inwoners.csv: is not as it was backed up"
    )
    assert not (tmp_path / "back").exists()


def test_a_backup_that_would_write_outside_the_folder_is_refused(village: Village, tmp_path: Path) -> None:
    manifest = json.dumps({"format": 1, "files": {}, "decisions": 0, "head": None}).encode()
    with (
        pa.CompressedOutputStream(str(tmp_path / "x.tar.zst"), "zstd") as out,
        tarfile.open(fileobj=out, mode="w|") as archive,
    ):
        for name, data in (("backup.json", manifest), ("project/../../evil", b"x")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    refused(lambda: restore(tmp_path / "x.tar.zst", tmp_path / "back"), "written outside the project")
    assert not (tmp_path / "evil").exists()
