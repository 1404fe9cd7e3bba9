"""Publishing: the release is kept, the site goes to where the public looks, and the feed tells of it."""

from __future__ import annotations

import datetime as dt
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zicht.chain import actor, build, desk, publish, publish_to
from zicht.chain.published import published_releases
from zicht.cli.app import app
from zicht.errors import ZichtError

ATOM = "{http://www.w3.org/2005/Atom}"
DAY = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


def test_publishing_keeps_the_release_brings_the_site_and_tells_of_it(project: Path, tmp_path: Path) -> None:
    yaml = project / "zicht.yaml"
    first = build(project).release
    assert first is not None
    www = tmp_path / "www"
    at = desk(project)
    publish(at, actor(at, "root"), DAY)
    done = publish_to(at, str(www))
    assert done.written > 50
    assert [one.digest for one in published_releases(project)] == [first.digest]
    assert publish_to(at, str(www)).written == 0
    declared = yaml.read_text("utf-8").replace(
        "zicht: 1\n", "zicht: 1\nsite: {url: https://proefdorp.example/cijfers}\n"
    )
    yaml.write_text(declared, "utf-8")
    build(project)
    at = desk(project)
    publish(at, actor(at, "root"), DAY + dt.timedelta(days=9))
    publish_to(at, str(www))
    notes = (www / "wijzigingen" / "index.html").read_text("utf-8")
    assert "Deze uitgave is van 1 december 2026. We vergelijken met de uitgave van 22 november 2026." in notes
    assert first.digest in notes
    root = ET.parse(www / "feed.xml").getroot()
    entries = [(e.findtext(f"{ATOM}title"), e.findtext(f"{ATOM}summary")) for e in root.iter(f"{ATOM}entry")]
    assert entries[0] == ("Uitgave van 1 december 2026", "De cijfers zijn dezelfde gebleven.")
    assert entries[1][0] == "Uitgave van 22 november 2026"
    assert entries[1][1].startswith("Nieuw of bijgewerkt: ")
    assert "/cijfers/404.html" in (www / ".hosting/nginx.conf").read_text("utf-8")


def test_nothing_leaves_before_something_was_built(project: Path, tmp_path: Path) -> None:
    with pytest.raises(ZichtError, match="Nothing was published yet"):
        publish_to(desk(project), str(tmp_path / "www"))
    assert not (tmp_path / "www").exists()


def test_the_command_says_what_it_did_and_refuses_a_folder_of_others(project: Path, tmp_path: Path) -> None:
    build(project)
    runner, www = CliRunner(), tmp_path / "www"
    asked = ["publish", str(project), "--to", str(www), "--json"]
    answer = runner.invoke(app, asked)
    assert answer.exit_code == 0, answer.output
    said = json.loads(answer.stdout)
    assert (said["target"], said["written"] > 50, said["removed"]) == (str(www), True, 0)
    answer = runner.invoke(app, ["publish", str(project), "--to", str(tmp_path)])
    assert answer.exit_code == 1
    assert "did not put there" in answer.stderr
