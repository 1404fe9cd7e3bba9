"""The house style: one file of tokens, readable by everybody, of which a mistake is told where it stands."""

from __future__ import annotations

from itertools import pairwise

import pytest

from zicht.declare import HouseStyle, read_project, shipped_style, shipped_styles
from zicht.declare.colour import SIGHTS, contrast, distance, lightness, ramp_faults
from zicht.errors import DeclarationError


def test_contrast_is_that_of_the_web_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def test_lightness_runs_from_black_to_white():
    assert lightness("#000000") == pytest.approx(0, abs=0.01)
    assert lightness("#777777") == pytest.approx(50.03, abs=0.05)
    assert lightness("#ffffff") == pytest.approx(100, abs=0.01)


def test_red_and_green_are_alike_without_green_cones_and_far_apart_with_them():
    red, green = "#a03020", "#506a00"
    assert distance(red, green) > 60
    assert distance(red, green, "deuteranopia") < distance(red, green) / 2


@pytest.mark.parametrize("name", shipped_styles())
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_the_classes_of_every_map_can_be_told_apart_by_everybody(name, ground):
    ramp = getattr(shipped_style(name), ground).ramp
    assert ramp_faults(ramp) == []
    for sight, (_, least) in SIGHTS.items():
        assert all(distance(one, two, sight) >= least for one, two in pairwise(ramp))


def test_a_ramp_that_turns_back_or_hides_a_step_is_told():
    faults = ramp_faults(("#ffffff", "#dddddd", "#dcdcdc", "#eeeeee", "#000000"))
    assert any("one way" in fault for fault in faults)
    assert any("#dddddd and #dcdcdc" in fault for fault in faults)


def _folder(tmp_path, site: str):
    (tmp_path / "zicht.yaml").write_text(
        "zicht: 1\nid: proef\ntitle: Proef\ndescription: Proef.\norganisation: {name: Proef}\n"
        f"areas: {{division: 2025, levels: [{{level: gemeente, source: grens, code: c, name: n}}]}}\n{site}\n",
        "utf-8",
    )
    return tmp_path


def test_a_style_that_does_not_exist_is_told_with_those_that_do(tmp_path):
    with pytest.raises(DeclarationError, match=r"zicht\.yaml:7:15.*`linde`, `zicht`"):
        read_project(_folder(tmp_path, "site: {style: paars}"))


@pytest.mark.parametrize(
    "name", ["../huisstijl.yaml", "/etc/passwd", ".verborgen.yaml", "map\\\\huisstijl.yaml"]
)
def test_a_style_outside_the_project_folder_is_refused(tmp_path, name):
    with pytest.raises(DeclarationError, match=r"beside zicht\.yaml"):
        read_project(_folder(tmp_path, f'site: {{style: "{name}"}}'))


def test_a_style_of_ones_own_with_text_that_cannot_be_read_is_told_where(tmp_path):
    from importlib import resources

    own = (resources.files("zicht.declare") / "styles" / "linde.yaml").read_text("utf-8")
    (tmp_path / "huisstijl.yaml").write_text(own.replace('"#4b574f"', '"#b0b0b0"'), "utf-8")
    with pytest.raises(
        DeclarationError, match=r"huisstijl\.yaml:\d+:\d+.*`ink_soft` #b0b0b0 on `paper`"
    ) as told:
        read_project(_folder(tmp_path, "site: {style: huisstijl.yaml}"))
    assert "at least 4.5 is needed" in str(told.value)


def test_a_colour_cannot_carry_anything_else_into_the_stylesheet():
    tokens = shipped_style("zicht").model_dump()
    tokens["light"]["ink"] = "#000000;}body{display:none"
    with pytest.raises(ValueError, match="ink"):
        HouseStyle.model_validate(tokens)
