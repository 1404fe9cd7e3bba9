"""What an expected number is: whom areas are compared with, and what is allowed for."""

from __future__ import annotations

from zicht.publish.alike import trait_names
from zicht.publish.found.speaker import Speaker


def expectation(speaker: Speaker) -> list[str]:
    """The sentences that say what is expected in an area, for a pattern in a share or a rate.

    Args:
        speaker: of the finding.
    """
    texts, finding = speaker.texts, speaker.finding
    said = [texts(f"found.expected.{finding.text('compared_with')}", **speaker.names)]
    if finding.names("traits"):
        said.append(alike_in(speaker))
    dimensions = speaker.edition.catalogue.dimensions
    controls = [texts.pick(dimensions[name].title).lower() for name in finding.names("controls")]
    return [*said, *([texts("found.controls", controls=texts.listed(controls))] if controls else [])]


def alike_in(speaker: Speaker) -> str:
    """The sentence that says by which traits areas are alike."""
    traits = trait_names(speaker.edition, speaker.texts, speaker.finding)
    return speaker.texts("found.alike.traits", traits=traits, **speaker.names)
