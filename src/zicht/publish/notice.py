"""What stands in the place of a site whose release was withdrawn: one page that says so, at every address."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

_PAGE = """<!doctype html>
<html lang="nl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Ingetrokken: {title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
<p>Deze cijfers zijn ingetrokken op {on}. Gebruik ze niet meer.</p>
<p>Reden: {reason}</p>
<p>Uitgave <code>{release}</code>. Vragen? {who}</p>
<section lang="en">
<h2>Withdrawn</h2>
<p>These figures were withdrawn on {on}. Please do not use them any more. Reason (in Dutch): <span lang="nl">{reason}</span></p>
</section>
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Notice:
    """What the public is told of figures that were withdrawn.

    Attributes:
        title: of the site.
        organisation: whose figures they were.
        email: where to ask; empty where nobody is named.
        release: digest of what was withdrawn.
        on: the day, such as `2025-03-01`.
        reason: why.
    """

    title: str
    organisation: str
    email: str
    release: str
    on: str
    reason: str


def publish_notice(notice: Notice, folder: Path) -> None:
    """Write the page that stands in the place of a site, also for addresses that led somewhere.

    Args:
        notice: what to tell.
        folder: an empty folder.
    """
    email = escape(notice.email)
    asked = f'<a href="mailto:{email}">{email}</a>' if email else ""
    page = _PAGE.format(
        title=escape(notice.title), on=escape(notice.on), reason=escape(notice.reason),
        release=escape(notice.release[:16]), who=f"{escape(notice.organisation)} {asked}".strip(),
    )  # fmt: skip
    for name in ("index.html", "404.html"):
        (folder / name).write_text(page, "utf-8", newline="\n")
