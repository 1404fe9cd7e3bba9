"""The life of a release, from the table of transitions: who may do what, and a diagram."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from generators.writing import code, fence, page, plain, table
from zicht.release import TRANSITIONS, Action, State, Transition, diagram
from zicht.release.permissions import ROLES

# Column and row of each state in the diagram; test_docs fails when one has none.
PLACES = {
    State.CANDIDATE: (0, 1), State.CHECKED: (1, 1), State.SUBMITTED: (2, 1), State.REVIEWED: (3, 1), State.APPROVED: (4, 1),
    State.PUBLISHED: (5, 1), State.RETURNED: (3, 0), State.SUPERSEDED: (5, 2), State.WITHDRAWN: (6, 1),
}  # fmt: skip
WIDE, HIGH, BOX, TALL, LEFT, TOP = 150, 130, 100, 34, 60, 40
LOOP = 44  # how far an arrow from a state to itself, or past others, bends


def pages() -> Iterator[tuple[str, str]]:
    """The page: name and text."""
    rows = [
        (
            code(one.before),
            code(one.action),
            code(one.after),
            ", ".join(code(role) for role in ROLES.get(one.action, ())) or "–",
            plain(one.meaning),
        )
        for one in TRANSITIONS
    ]
    yield (
        "states.md",
        page(
            "States of a release",
            "What can happen to a release; what is not here cannot. Why it is so stands in [Review](../../explanation/review.md).",
            f"```{{raw}} html\n{svg()}\n```",
            table(("state", "decision", "becomes", "by", "what it comes to"), rows),
            "The same as text for Mermaid:",
            fence(diagram(), "text"),
        ),
    )


def svg() -> str:
    """The diagram."""
    width, height = LEFT * 2 + 6 * WIDE, TOP * 2 + 2 * HIGH
    return "".join(
        [
            f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="States of a release" style="max-width:100%;height:auto" font-family="sans-serif" font-size="12">',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="currentColor"/></marker></defs>',
            *(_arrow(one) for one in TRANSITIONS),
            *(_box(state) for state in State),
            "</svg>",
        ]
    )


def _at(state: State) -> tuple[float, float]:
    column, row = PLACES[state]
    return LEFT + column * WIDE, TOP + row * HIGH


def _box(state: State) -> str:
    x, y = _at(state)
    return (
        f'<rect x="{x - BOX / 2}" y="{y - TALL / 2}" width="{BOX}" height="{TALL}" rx="8" fill="none" stroke="currentColor"/>'
        f'<text x="{x}" y="{y + 4}" text-anchor="middle" fill="currentColor">{escape(state)}</text>'
    )


def _arrow(one: Transition) -> str:
    (x, y), (to_x, to_y) = _at(one.before), _at(one.after)
    dashed = ' stroke-dasharray="4 3"' if one.action in (Action.SUPERSEDE, Action.PUBLISH_UNREVIEWED) else ""
    if one.before == one.after:
        path = f"M{x - 15} {y + TALL / 2}C{x - 30} {y + LOOP + 20} {x + 30} {y + LOOP + 20} {x + 15} {y + TALL / 2}"
        label = (x, y + LOOP + 18)
    elif one.action == Action.PUBLISH_UNREVIEWED:
        path = f"M{x + 30} {y + TALL / 2}Q{(x + to_x) / 2} {y + 2 * LOOP + 30} {to_x - 30} {to_y + TALL / 2}"
        label = ((x + to_x) / 2, y + LOOP + 28)
    elif y == to_y:
        path, label = f"M{x + BOX / 2} {y}L{to_x - BOX / 2} {to_y}", ((x + to_x) / 2, y - 8)
    else:
        shift = 18 if one.action == Action.PUBLISH else -18 if one.action == Action.SUPERSEDE else 0
        sign = 1 if to_y > y else -1
        path = f"M{x + shift} {y + sign * TALL / 2}L{to_x + shift} {to_y - sign * TALL / 2}"
        label = ((x + to_x) / 2 + shift * 2.4, (y + to_y) / 2)
    return (
        f'<path d="{path}" fill="none" stroke="currentColor"{dashed} marker-end="url(#tip)"/>'
        f'<text x="{label[0]}" y="{label[1]}" text-anchor="middle" fill="currentColor" font-size="10">{escape(one.action)}</text>'
    )
