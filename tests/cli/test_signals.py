"""`zicht signals …` from the outside: a signal is listed, interpreted, told by the next release, and stands in the feed once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from reviewed_village import PEOPLE
from typer.testing import CliRunner

from zicht.chain import build, desk, publication
from zicht.cli import signals
from zicht.cli.app import app
from zicht.demo import new_project
from zicht.publish import feed

WIJKEN = ("WK900201", "WK900202")
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: 6f0c2a9e-51d5-4d0c-8a3c-6f3f0f9d2a77
name: Meldingen per wijk en maand
version: 1.0.0
status: active
description: {purpose: Telling van meldingen, limitations: Geen}
schema:
  - name: meldingen
    logicalType: object
    description: Een rij per wijk en maand
    customProperties:
      - {property: bron, value: meldingen}
      - {property: eenheid, value: area}
      - {property: weigering, value: 0}
    properties:
      - {name: maand, logicalType: string, required: true, primaryKey: true, classification: public, customProperties: [{property: periode, value: true}]}
      - {name: code, logicalType: string, required: true, primaryKey: true, classification: public, customProperties: [{property: gebied, value: wijk}]}
      - {name: aantal, logicalType: integer, required: true, classification: public}
"""
SOURCE = """
id: meldingen
title: {nl: Meldingen}
deliverer: Gemeente Proefdorp
licence: CC0-1.0
origin: {file: leveringen/meldingen.csv}
"""
INDICATOR = """
indicators:
  - id: meldingen
    title: {nl: Meldingen}
    question: {nl: Hoeveel meldingen zijn er?}
    explanation: {nl: Het aantal meldingen in de maand.}
    unit: {nl: meldingen}
    theme: bevolking
    register: meldingen
    measure: take
    value: aantal
    levels: [wijk]
    provisional: 1
"""
FINDING = """
findings:
  - {id: veel_meldingen, title: {nl: Waar zijn opeens veel meldingen?}, pattern: signals, indicator: meldingen, level: wijk, months: 2}
"""


def zicht(account: str, *arguments: str | Path, code: int = 0) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signals, "account", lambda: account)
        result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter with five years of reports a month, of which wijk Zuid has one month too many."""
    folder = tmp_path_factory.mktemp("signals") / "proefdorp"
    new_project(folder)
    random = np.random.default_rng(4)
    months = [f"{2020 + at // 12}-{at % 12 + 1:02d}" for at in range(62)]
    lines = [
        f"{month};{wijk};{60 if (month, wijk) == ('2025-01', WIJKEN[1]) else random.poisson(12)}"
        for month in months
        for wijk in WIJKEN
    ]
    for path, text in {
        "leveringen/meldingen.csv": "\n".join(["maand;code;aantal", *lines]) + "\n", "registers/meldingen.yaml": CONTRACT,
        "sources/meldingen.yaml": SOURCE, "indicators/meldingen.yaml": INDICATOR,
    }.items():  # fmt: skip
        (folder / path).write_text(text, "utf-8")
    with (folder / "products/rondkomen.yaml").open("a", encoding="utf-8") as file:
        file.write(FINDING)
    people = (
        PEOPLE
        + "    - {id: duider, name: Dora Duider, roles: [interpreter], function: Wijkregisseur, account: dora}\n"
    )
    path = folder / "zicht.yaml"
    text = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(people if line.startswith("review:") else line for line in text), "utf-8")
    build(folder)
    return folder


def test_a_signal_goes_from_the_list_to_the_public(village: Path) -> None:
    at = ("-p", village)
    (waits,) = json.loads(zicht("dora", "signals", "list", "--waiting", "--json", *at))["signals"]
    assert (waits["period"], waits["names"], waits["interpretation"]) == ("2025-01", ["Zuid"], None)
    assert "waits" in zicht("dora", "signals", "list", *at)
    short, why = waits["signal"][:8], "Een storing in de riolering; na een week verholpen"
    asked = ("signals", "interpret", short, "--verdict", "real", *at)
    assert "takes the role `interpreter`" in zicht("mae", *asked, "-r", why, code=1)
    assert "at least 10 characters" in zicht("dora", *asked, "-r", "echt", code=1)
    assert "identifies a person" in zicht("dora", *asked, "-r", "Gebeld met 123456782 hierover", code=1)
    assert "begins with `ffffffff`" in zicht("dora", "signals", "interpret", "ffffffff", "--verdict", "real", "-r", why, *at, code=1)  # fmt: skip
    made = json.loads(zicht("dora", *asked, "-r", why, "--json"))["decision"]
    assert (made["action"], made["person"], made["role"]) == ("interpret", "duider", "interpreter")
    assert "No signal waits." in zicht("dora", "signals", "list", "--waiting", *at)

    before = desk(village).release()
    after = build(village).release
    assert after is not None
    assert after.digest != before.digest
    (told,) = after.evidence("signals")["interpretations"]  # type: ignore[misc]
    assert (told["verdict"], told["by"], told["reason"]) == ("real", "Wijkregisseur", why)
    everything = b"".join(path.read_bytes() for path in after.path.rglob("*.json"))
    assert b"Dora" not in everything
    page = (village / ".zicht/site/product/rondkomen/index.html").read_text("utf-8")
    assert ">Zuid</a>, januari 2025: 60." in page
    assert f"(Wijkregisseur): het is echt. {why}" in page
    assert build(village).release.digest == after.digest  # type: ignore[union-attr]

    for day, release in (("2025-02-01", before), ("2025-03-01", after)):
        kept = village / "published" / f"{day}-{release.digest[:16]}"
        kept.parent.mkdir(exist_ok=True)
        release.path.rename(kept)
    first, second = publication.issues(publication.published_releases(village))
    assert (first.signals[0].meaning, second.signals[0].meaning.reason) == (None, why)  # type: ignore[union-attr]
    entries = feed(publication.published_releases(village)[-1], [first, second]).decode()
    assert entries.count(f":signal:{waits['signal']}</id>") == 1
    assert f"het is echt. {why}" in entries
    assert "wacht op duiding" not in entries
