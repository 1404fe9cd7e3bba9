"""Whether the names in products, purposes and papers are those of something that the folder declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from zicht.declare.names import unknown
from zicht.declare.papers import names_in_papers
from zicht.declare.story import check_stories
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project


def check_products(project: Project) -> Iterator[Problem]:
    """Names in products and purposes that nothing bears.

    Args:
        project: what was read so far.

    Yields:
        One problem a name, with its place.
    """
    for product in project.products.values():
        written = project.written["products", product.id]
        for index, id_ in enumerate(product.indicators):
            if id_ not in project.indicators:
                yield unknown(written.place("indicators", index), "indicator", id_, project.indicators)
        for index, id_ in enumerate(product.purposes):
            if id_ not in project.purposes:
                yield unknown(written.place("purposes", index), "purpose", id_, project.purposes)
    for id_, trail, what, right in check_stories(project):
        yield Problem(project.written["products", id_].place(*trail), what, right)
    for purpose in project.purposes.values():
        for index, id_ in enumerate(purpose.registers):
            if id_ not in project.registers:
                place = project.written["purposes", purpose.id].place("registers", index)
                yield unknown(place, "register", id_, project.registers)


def check_papers(project: Project) -> Iterator[Problem]:
    """Names in algorithms, signed papers and the catalogue that nothing bears.

    Args:
        project: what was read so far.

    Yields:
        One problem a name, with its place.
    """
    for (kind, id_), written in project.written.items():
        for trail, sort, name, known in names_in_papers(kind, id_, project):
            if name not in known:
                yield unknown(written.place(*trail), sort, name, known)
