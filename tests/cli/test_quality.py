"""`zicht quality`: on the terminal, as JSON and as a page."""

from __future__ import annotations

import json
import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from deliveries_again import ask
from typer.testing import CliRunner

from zicht.cli.app import app
from zicht.demo import new_project
from zicht.intake import QUALITY_LANGUAGES, quality_words

RULE = "{type: custom, engine: zicht, implementation: {metric: falseConditions, condition: geboortejaar < 1990, mustBe: 0}, severity: %s}"


def zicht(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter with a norm that warns, measured; not to be changed."""
    folder = tmp_path_factory.mktemp("measured") / "p"
    new_project(folder)
    ask(folder, RULE % "warning")
    zicht("build", folder, "norms/inwoners")
    return folder


def test_the_report_names_norms_what_was_seen_and_lead_times_in_dutch_first(measured: Path) -> None:
    text = re.sub(r"\s+", " ", zicht("quality", measured))
    for part in (
        "Het hele dorp",
        "meer dan 1.000",
        "1.500",
        "waarschuwing",
        "peildatum tot levering",
        "op tijd",
    ):
        assert part in text
    assert "with a warning 1" in zicht("quality", measured, "inwoners", "--language", "en")


def test_machines_get_json_with_the_place_of_each_norm(measured: Path) -> None:
    (found,) = json.loads(zicht("quality", measured, "--json"))
    verdicts = {norm["id"]: norm["verdict"] for norm in found["norms"]}
    assert verdicts["falseConditions"] == "warning"
    assert all(re.fullmatch(r"registers/inwoners\.yaml:\d+:\d+", norm["place"]) for norm in found["norms"])


def test_a_norm_that_stops_the_build_gives_exit_code_1_and_is_still_told_of(tmp_path: Path) -> None:
    new_project(tmp_path / "p")
    ask(tmp_path / "p", RULE % "error")
    zicht("build", tmp_path / "p", "norms/inwoners", code=1)
    assert "gebroken" in zicht("quality", tmp_path / "p", code=1)


def test_what_is_asked_wrongly_is_said(measured: Path, tmp_path: Path) -> None:
    zicht("quality", measured, "--language", "fr", code=1)
    zicht("quality", measured, "nergens", code=1)
    zicht("quality", tmp_path, code=1)


@pytest.mark.parametrize("language", QUALITY_LANGUAGES)
def test_the_page_stands_by_itself_and_names_every_norm(
    measured: Path, tmp_path: Path, language: str
) -> None:
    page = tmp_path / "page.html"
    zicht("quality", measured, "--page", page, "--language", language)
    html = page.read_text("utf-8")
    assert f'<html lang="{language}">' in html
    assert not re.search(r'(src|href)="(?!#)', html)
    assert "geboortejaar &lt; 1990" in html
    headings = [int(level) for level in re.findall(r"<h(\d)", html)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert html.count("<table") == html.count("<caption") == html.count('role="region"')


def test_both_languages_have_the_same_words() -> None:
    dutch, english = (quality_words(language) for language in QUALITY_LANGUAGES)
    assert list(dutch) == list(english)
    fields = re.compile(r"\{\w+\}")
    assert all(sorted(fields.findall(dutch[key])) == sorted(fields.findall(english[key])) for key in dutch)


@pytest.mark.slow
@pytest.mark.browser
def test_axe_finds_nothing_on_the_page(measured: Path, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    chromium = Path(os.environ.get("ZICHT_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        pytest.skip("no chromium: apt-get install chromium, or set ZICHT_CHROMIUM")
    page = tmp_path / "page.html"
    zicht("quality", measured, "--page", page)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        opened = browser.new_page()
        opened.goto(page.as_uri())
        found = Axe().run(opened)
        browser.close()
    assert found.response["violations"] == []
