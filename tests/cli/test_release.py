"""`zicht release …` from the outside: what it prints, what it gives machines, and its exit codes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from reviewed_village import with_people
from typer.testing import CliRunner

from zicht.chain import build
from zicht.cli import release
from zicht.cli.app import app
from zicht.demo import new_project


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "proefdorp"
    new_project(folder)
    with_people(folder)
    build(folder)
    return folder


def zicht(account: str, *arguments: str | Path, code: int = 0) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "account", lambda: account)
        result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.slow
@pytest.mark.browser
def test_axe_finds_nothing_on_the_pages_for_who_reviews(village: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    chromium = Path(os.environ.get("ZICHT_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        pytest.skip("no chromium: apt-get install chromium, or set ZICHT_CHROMIUM")
    dutch = Path(json.loads(zicht("mae", "release", "show", "--page", "--json", "-p", village))["page"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        opened = browser.new_page()
        for page in (dutch, dutch.with_name("index.en.html")):
            opened.goto(page.absolute().as_uri())
            assert Axe().run(opened).response["violations"] == []
        browser.close()


def test_a_release_goes_its_whole_way_from_the_command_line(village: Path, tmp_path: Path) -> None:
    at = ("-p", village)
    assert "what can be decided: check" in zicht("mae", "release", "show", *at)
    assert "submit of" in zicht("mae", "release", "submit", *at)
    assert "may not review" in zicht("udo", "release", "review", *at, code=1)
    assert "made and submitted this release" in zicht("mae", "release", "review", *at, code=1)
    assert "decides from the account `tess`" in zicht(
        "mae", "release", "review", "--as", "toetser", *at, code=1
    )
    zicht("tess", "release", "review", "-r", "Alle pagina's bekeken.", *at)
    assert "reason of at least" in zicht("gijs", "release", "approve", "--return", *at, code=1)
    zicht("gijs", "release", "approve", *at)
    said = json.loads(zicht("udo", "release", "publish", "--json", *at))
    assert said["decision"]["action"] == "publish"
    assert (Path(said["site"]) / "index.html").is_file()
    assert "No figure changes." in zicht("mae", "release", "diff", *at)
    shown = json.loads(zicht("mae", "release", "show", "--page", "--json", *at))
    page = Path(shown["page"]).read_text("utf-8")
    assert "is <strong>gepubliceerd</strong>" in page
    assert "Alle pagina’s bekeken." in page.replace("&#39;", "’")
    english = Path(shown["page"]).with_name("index.en.html").read_text("utf-8")
    assert "is <strong>published</strong>" in english
    assert 'href="index.html" hreflang="nl"' in english
    links = set(re.findall(r'href="([^"#]+)"', page + english))
    assert {"bescherming.html", "protection.html", "kwaliteit.html", "quality.html"} < links
    assert [link for link in links if not Path(shown["page"]).parent.joinpath(link).is_file()] == []
    assert [
        one["path"]
        for one in shown["sample"]
        if not (village / ".zicht/site" / one["path"] / "index.html").is_file()
    ] == []
    backup = tmp_path / "b.tar.zst"
    assert json.loads(zicht("mae", "backup", backup, "--json", *at))["decisions"] == 5
    www = tmp_path / "www"
    zicht("udo", "release", "withdraw", "-r", "Verkeerde levering gebruikt.", "--to", www, *at)
    assert "Verkeerde levering gebruikt." in (www / "index.html").read_text("utf-8")
    assert not list(www.rglob("*.csv"))
    log = json.loads(zicht("mae", "release", "log", "--json", *at))
    assert [one["action"] for one in log["decisions"]] == [
        "check",
        "submit",
        "review",
        "approve",
        "publish",
        "withdraw",
    ]
    assert log["releases"][0]["state"] == "withdrawn"
    assert "All holds. 6 decisions." in zicht("mae", "release", "verify", *at)
    zicht("mae", "restore", backup, tmp_path / "back")
    assert json.loads(zicht("mae", "release", "verify", "--json", "-p", tmp_path / "back"))["decisions"] == 5
    (village / "decisions/decisions.sqlite").unlink()
    assert "is not there any more" in zicht("mae", "release", "log", "--verify", *at, code=1)


def test_who_acts_is_no_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = release.account()
    for name in ("USER", "LOGNAME", "USERNAME", "ZICHT_USER"):
        monkeypatch.setenv(name, "gijs")
    assert release.account() == before
