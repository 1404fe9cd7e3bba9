"""Every kind of drawing: well-formed, labelled, within its sheet, and silent about what is hidden."""

from __future__ import annotations

import html
import re
from importlib import resources
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from zicht.errors import ZichtError
from zicht.publish.assets import assets
from zicht.publish.charts import (
    NARROW,
    RAMP,
    WIDE,
    Chart,
    Column,
    Distribution,
    Drawing,
    Dumbbell,
    Flow,
    Funnel,
    Intervals,
    Multiples,
    Pyramid,
    Room,
    Series,
    Slope,
    Stacked,
    Trend,
    bins_of,
    distribution_svg,
    drawn,
    dumbbell_svg,
    flow_svg,
    funnel_svg,
    interval_svg,
    limits,
    multiples_svg,
    names_column,
    pyramid_svg,
    shares,
    slope_svg,
    stacked_svg,
    standalone,
    trend_svg,
)
from zicht.publish.numbers import Quantity
from zicht.publish.pictures import Picture
from zicht.publish.verdicts import Verdict

NAN = float("nan")
SHARE = Quantity("% van de huishoudens", 1, "nl")
EVIL = "<b>\"&'</b>"
SAYS = f"Grafiek {EVIL}"
values = st.lists(
    st.one_of(st.just(NAN), st.floats(0, 100).map(lambda x: round(x, 1))), min_size=3, max_size=9
)


def drawings(numbers: list[float], room: Room = WIDE) -> dict[str, str]:
    """One drawing of every kind, from the same numbers; a name holds markup."""
    value = np.array(numbers)
    size = value.size
    names = [f"Wijk {place} {EVIL}" for place in range(size)]
    lower, upper = value - 3, value + 3
    verdict = np.array([(-1, 0, 1)[place % 3] for place in range(size)], dtype=np.int8)
    gone = [number != number for number in numbers]
    missing = ["verborgen"] * size
    line = Series(names[0], value, lower, upper)
    both = np.vstack([value, value[::-1]])
    gone_both = (gone, gone[::-1])
    shown = {
        trend_svg: Trend(line, line, names, gone, [(1, EVIL), (2, "Nieuwe telling")], frozenset({size - 1}), SAYS),
        interval_svg: Intervals(names, value, lower, upper, verdict, missing, gone, (names[0], 40.0), SAYS),
        distribution_svg: Distribution(value, (20.0, 60.0), [(names[0], 40.0)], SAYS),
        funnel_svg: Funnel(names, np.linspace(40, 4000, size), value, verdict, (names[0], 40.0), 100.0, True, EVIL, SAYS),
        pyramid_svg: Pyramid((EVIL, "b"), names, both, (missing, missing), gone_both, SAYS),
        stacked_svg: Stacked(["2023", EVIL], names, both, ["verborgen"] * 2, [any(gone)] * 2, SAYS),
        multiples_svg: Multiples(
            names, ["2022", "2023", EVIL], np.vstack([value, value[::-1], value]), (EVIL, np.array([1.0, NAN, 3.0])), frozenset({1}), missing, SAYS
        ),
        slope_svg: Slope(names, ("2023", EVIL), value, value[::-1], verdict, SAYS),
        dumbbell_svg: Dumbbell(names, ("2023", EVIL), value, value[::-1], missing, gone[::-1], SAYS),
        flow_svg: Flow((EVIL, "b"), names[:2], names, both, SAYS),
    }  # fmt: skip
    return {draw.__name__.removesuffix("_svg"): draw(data, SHARE, "x", room) for draw, data in shown.items()}


@settings(max_examples=8, deadline=None)
@given(values, st.sampled_from([WIDE, NARROW]))
def test_every_drawing_is_well_formed_labelled_and_within_its_sheet(numbers, room):
    for kind, svg in drawings(numbers, room).items():
        if not svg:
            continue
        root = ElementTree.fromstring(svg)
        assert root.get("role") == "img"
        assert root.get("aria-label") == SAYS
        assert "nan" not in svg.lower().replace(EVIL.lower(), ""), kind
        assert "style=" not in svg
        _, _, width, height = (float(part) for part in root.get("viewBox", "").split())
        for mark in root.iter():
            for name, most in (("x", width), ("cx", width), ("y", height), ("cy", height)):
                if mark.get(name) is not None:
                    assert -1 <= float(mark.get(name, "0")) <= most + 1, (kind, ElementTree.tostring(mark))


@pytest.mark.parametrize("room", [WIDE, NARROW])
def test_a_full_set_of_numbers_gives_a_drawing_of_every_kind(room):
    assert all(drawings([10.0, 40.0, 60.0, 55.5, 20.1], room).values())


_TEXT = re.compile(r'<text x="([\d.-]+)" y="[\d.-]+"(?: text-anchor="(\w+)")?[^>]*>([^<]*)</text>')


@pytest.mark.parametrize("room", [WIDE, NARROW])
def test_no_words_of_a_drawing_reach_past_its_sheet(room):
    large = Quantity("inwoners", 0, "nl")
    names = ["Buitengebied en Plassen", "’s-Hertogenbosch", "Súdwest-Fryslân"]
    value = np.array([1_000_000.0, 1_250_300.0, 987_654.0])
    line, none = Series(names[0], value, value - 9000, value + 9000), np.zeros(3, np.int8)
    away, here = ["verborgen"] * 3, [False] * 3
    both = np.vstack([value, value])
    why = "Andere manier van tellen sinds de verhuizing"
    svgs = [
        trend_svg(Trend(line, line, ["2022", "2023", "2024"], here, [(1, why), (2, why)], frozenset(), "x"), large, "x", room),
        interval_svg(Intervals(names, value, value - 1, value + 1, none, away, here, (names[0], 1e6), "x"), large, "x", room),
        distribution_svg(Distribution(value, (1e6,), [(names[0], 1e6)], "x"), large, "x", room),
        funnel_svg(Funnel(names, value, value / 40_000, none, (names[0], 25.0), 100.0, True, "inwoners", "x"), SHARE, "x", room),
        pyramid_svg(Pyramid(("Mannen", "Vrouwen"), names, both, (away, away), (here, here), "x"), large, "x", room),
        stacked_svg(Stacked(names, names, np.vstack([both, value]), away, here, "x"), large, "x", room),
        multiples_svg(Multiples(names, ["2022", "2023", "2024"], np.vstack([both, value]), None, frozenset(), away, "x"), large, "x", room),
        slope_svg(Slope(names, ("2022", "2024"), value, value, none, "x"), large, "x", room),
        dumbbell_svg(Dumbbell(names, ("2022", "2024"), value, value, away, here, "x"), large, "x", room),
        flow_svg(Flow(("Woonplaats", "Werkplaats"), names, names, np.vstack([both, value]), "x"), large, "x", room),
    ]  # fmt: skip
    for svg in svgs:
        for x, anchor, said in _TEXT.findall(svg):
            wide = 6.6 * len(
                html.unescape(said)
            )  # of an ordinary letter at this size; `LETTER` is on the wide side
            left = float(x) - wide * {"": 0, "start": 0, "middle": 0.5, "end": 1}[anchor]
            assert -2 <= left <= left + wide <= room.width + 2, (svg[:40], said)


def test_two_reasons_for_a_break_stand_above_each_other_where_they_would_touch():
    value, none = np.arange(6.0), np.full(6, NAN)
    line, why = Series("Stad", value, none, none), "Andere manier van tellen"
    for room, rows in ((WIDE, 1), (NARROW, 2)):
        svg = trend_svg(
            Trend(line, None, list("abcdef"), [False] * 6, [(1, why), (5, why)], frozenset(), "x"),
            SHARE,
            "x",
            room,
        )
        assert len(set(re.findall(rf'y="([\d.]+)"[^>]*>{why}', svg))) == rows


def test_a_drawing_without_a_value_is_no_drawing():
    assert not any(drawings([NAN, NAN, NAN]).values())


def test_a_drawing_without_words_is_refused():
    with pytest.raises(ZichtError, match="no words for people who do not see it"):
        distribution_svg(Distribution(np.array([1.0, 2.0]), (), [], " "), SHARE)


@given(values)
def test_every_area_with_a_value_is_counted_once_in_the_histogram(numbers):
    value = np.array(numbers)
    if np.isfinite(value).any():
        edges, counts = bins_of(value)
        assert counts.sum() == np.isfinite(value).sum()
        assert edges[0] <= np.nanmin(value)
        assert edges[-1] >= np.nanmax(value)


def test_a_bar_of_which_a_part_is_hidden_is_not_drawn_at_all():
    value = np.array([[50.0, NAN, 30.0], [50.0, 20.0, 30.0]])
    svg = stacked_svg(
        Stacked(["2023", "2024"], ["a", "b", "c"], value, ["verborgen"] * 2, [True, False], "x"), SHARE
    )
    assert "2023, a" not in svg
    assert svg.count("<title>") == 3
    assert "verborgen" in svg
    assert np.isnan(shares(value)[0]).all()


def test_a_line_is_broken_where_the_method_changed_and_loose_where_it_may_still_change():
    value = np.array([1.0, 2.0, 3.0, 4.0])
    none = np.full(4, NAN)
    line = Series("Stad", value, none, none)
    labels = ["2021", "2022", "2023", "2024"]
    svg = trend_svg(
        Trend(line, None, labels, [False] * 4, [(2, "Nieuwe telling")], frozenset({3}), "x"), SHARE
    )
    solid = re.findall(r'<polyline class="line" points="([^"]*)"(?![^>]*3 5)', svg)
    assert [len(points.split()) for points in solid] == [2]
    assert svg.count('stroke-dasharray="3 5"') == 1
    assert svg.count('class="open"') == 1
    assert "Nieuwe telling" in svg


def test_a_hidden_period_is_hatched_and_an_absent_one_is_open():
    none = np.full(4, NAN)
    line = Series("Stad", np.array([1.0, NAN, NAN, 4.0]), none, none)
    labels = ["2021", "2022", "2023", "2024"]
    svg = trend_svg(Trend(line, None, labels, [False, True, False, False], [], frozenset(), "x"), SHARE)
    assert svg.count('class="hatched"') == 1
    assert svg.count('class="gap"') == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(20, 5000), st.floats(1, 60), st.sampled_from([0.95, 0.998]), st.booleans())
def test_funnel_limits_hold_as_many_areas_as_they_say(size, centre, within, share):
    lower, upper = (float(side[0]) for side in limits(np.array([float(size)]), centre, 100.0, share, within))
    chance = stats.binom(size, centre / 100) if share else stats.poisson(size * centre / 100)
    low, high = lower * size / 100, upper * size / 100
    inside = chance.cdf(np.ceil(high)) - chance.cdf(np.floor(low) - 1)
    assert inside >= within - 1e-9
    assert chance.cdf(np.floor(high) - 1) <= (1 + within) / 2 + 1e-9
    assert lower <= centre <= upper


def test_funnel_limits_are_those_of_the_exact_binomial():
    lower, upper = limits(np.array([100.0]), 10.0, 100.0, share=True, within=0.95)
    # P(X <= 4) = 0.0237, P(X <= 5) = 0.0576: the 2.5 % point lies between 4 and 5, close to 4; likewise between 15 and 16 above.
    assert 4 < lower[0] < 4.1
    assert 15 < upper[0] < 16


def test_the_ramp_gets_darker_step_by_step():
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    tones = [light(colour) for colour in RAMP]
    assert all(after < before * 0.8 for before, after in pairwise(tones))


def _chart(**changes: object) -> Chart:
    drawing = drawn(distribution_svg, Distribution(np.array([1.0, 2.0]), (), [], "Verdeling"), SHARE, "x")
    whole: dict[str, object] = {
        "kind": "distribution", "name": "wijk-spreiding", "title": f"De helft {EVIL}", "subtitle": "Percentage", "description": "Verdeling",
        "source": "Bron: BRP.", "note": "", "drawing": drawing,
        "columns": (names_column("class", "Klasse", ["a"]), Column("areas", "Aantal", ("2",), (2.0,))),
    }  # fmt: skip
    return Chart(**{**whole, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("part", ["title", "subtitle", "description", "source", "name"])
def test_a_chart_that_lacks_a_part_is_refused(part):
    with pytest.raises(ZichtError, match=part):
        _chart(**{part: " "})


def test_a_chart_that_is_not_drawn_for_a_phone_too_is_refused():
    wide = _chart().drawing.wide
    with pytest.raises(ZichtError, match="no drawing"):
        _chart(drawing=Drawing(wide, ""))
    with pytest.raises(ZichtError, match="without a label"):
        _chart(drawing=Drawing(wide, wide))


def test_a_chart_without_a_table_or_of_an_unknown_kind_is_refused():
    with pytest.raises(ZichtError, match="no table"):
        _chart(columns=(names_column("class", "Klasse", ["a"]),))
    with pytest.raises(ZichtError, match="no table"):
        _chart(
            columns=(names_column("class", "Klasse", ["a", "b"]), Column("areas", "Aantal", ("2",), (2.0,)))
        )
    with pytest.raises(ZichtError, match="no chart of the kind"):
        _chart(kind="pie")
    with pytest.raises(ZichtError, match="without a label"):
        _chart(drawing=Drawing("<svg></svg>", "<svg></svg>"))


def test_a_chart_as_a_file_is_whole_and_becomes_the_same_picture_every_time():
    svg = standalone(_chart(), "nl")
    root = ElementTree.fromstring(svg)
    said = "".join(root.itertext())
    assert "Bron: BRP." in said
    assert EVIL in said
    picture = Picture(svg).png()
    assert picture.startswith(b"\x89PNG")
    assert picture == Picture(svg).png()


def test_a_picture_is_set_in_our_own_letters():
    words = standalone(_chart(), "nl")
    without = re.sub(r"<text.*?</text>", "", words)
    assert len(Picture(words).png()) > len(Picture(without).png()) + 1000


NAMES = "’s-Hertogenbosch Súdwest-Fryslân Łódź Şanlıurfa Čačak Őrség București İzmir Ðakovo Ŵyŷ"


def _set_in(family: str, weight: int, said: str) -> bytes | None:
    """A paper set in one of our fonts and no other; Typst refuses one with a sign that nobody would see."""
    fonts = typst.Fonts(False, False, [str(resources.files("zicht.publish") / "fonts")])
    words = f'#set document(title: "x")\n#set text(lang: "nl", font: "{family}", weight: {weight}, fallback: false)\n{said}'
    return typst.compile(words.encode(), font_paths=fonts, format="pdf", pdf_standards=["ua-1"])


@pytest.mark.parametrize(
    ("family", "weight"), [("Zicht Sans", 400), ("Zicht Sans", 600), ("Zicht Serif", 600)]
)
def test_our_letters_hold_the_names_of_places_in_latin_script(family, weight):
    assert _set_in(family, weight, NAMES)
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        _set_in(family, weight, "漢")


def test_pages_fetch_letters_beyond_the_usual_only_where_they_are_needed():
    sheet = assets()["site.css"].data.decode()
    faces = [face for face in re.findall(r"@font-face\{[^}]*\}", sheet) if "latin-ext" in face]
    assert {re.search(r"zicht-\w+-latin-ext", face)[0] for face in faces} == {
        "zicht-sans-latin-ext",
        "zicht-serif-latin-ext",
    }
    for face in faces:
        spans = re.search(r"unicode-range:([^;}]*)", face)[1].lower().replace("u+", "").split(",")
        ends = [[int(end, 16) for end in span.strip().split("-")] for span in spans]
        assert {letter for letter in NAMES if ord(letter) > 0xFF and letter != "’"} <= {
            chr(code) for first, *last in ends for code in range(first, (last or [first])[0] + 1)
        } | {"ı"}  # which the usual letters have


def test_a_dot_that_differs_is_full_and_one_that_does_not_is_open():
    value = np.array([10.0, 20.0])
    shown = Intervals(
        ["a", "b"],
        value,
        value - 1,
        value + 1,
        np.array([Verdict.HIGHER, Verdict.UNCLEAR], dtype=np.int8),
        ["", ""],
        [False] * 2,
        None,
        "x",
    )
    svg = interval_svg(shown, SHARE)
    assert svg.count('class="dot"') == svg.count('class="quiet"') == 1
