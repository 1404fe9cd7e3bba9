"""Templates and what every page shares: titles, the way to the other language, links that work in any folder.

Pages link to one another by relative paths, so that a site can stand in any folder of any host. A page ends in
`index.html` and is linked by its folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from zicht.publish.catalogue import Catalogue
from zicht.publish.look import assets_of
from zicht.publish.numbers import number
from zicht.publish.texts import Texts


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("zicht.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["whole"] = lambda count, language: number(count, 0, language)
    return environment


def home_of(language: str) -> str:
    """The folder of a language: Dutch at the root, others in one of their own."""
    return "" if language == "nl" else f"{language}/"


@dataclass(frozen=True)
class Frame:
    """What all pages of one language share.

    Attributes:
        catalogue: of the release.
        texts: of the language.
        languages: of the site.
        registers: the registers that the release has a page of: its place and the name of its title.
        postcodes: whether the search box knows postcodes.
    """

    catalogue: Catalogue
    texts: Texts
    languages: tuple[str, ...]
    registers: tuple[tuple[str, str], ...] = ()
    postcodes: bool = False

    @cached_property
    def _assets(self) -> Mapping[str, str]:
        """By the name that templates call it by, where a file of our own stands in the site."""
        return {name: asset.path for name, asset in assets_of(self.catalogue.look).items()}

    def page(
        self, template: str, place: str, *, title: str, summary: str, **parts: object
    ) -> tuple[str, str]:
        """One page: its path in the site and its HTML.

        Args:
            template: name of the template.
            place: where it stands in its language, such as `gebied/GM0344/`; empty for the start.
            title: of the page.
            summary: a sentence for search engines.
            parts: what the template needs.
        """
        path = home_of(self.texts.language) + place
        html = self.render(template, path, place, {"title": title, "summary": summary, **parts})
        return f"{path}index.html", html

    def render(
        self, template: str, path: str, place: str, parts: Mapping[str, object], root: str | None = None
    ) -> str:
        """The HTML of a page in folder `path`, which is `place` in its language; links start from `root` where given."""
        root = root or "../" * path.count("/") or "./"
        language = self.texts.language
        others = [(other, root + home_of(other) + place) for other in self.languages if other != language]
        return (
            _environment()
            .get_template(template)
            .render(
                t=self.texts,
                pick=self.texts.pick,
                language=language,
                catalogue=self.catalogue,
                root=root,
                home=root + home_of(language),
                base=(self.catalogue.url or root) + home_of(language),
                others=others,
                register_places=self.registers,
                searched=self.texts("search.label_postcode" if self.postcodes else "search.label"),
                asset={name: root + path for name, path in self._assets.items()},
                **parts,
            )
            + "\n"
        )


def safe(html: str) -> Markup:
    """HTML that was put together here, every text in it escaped."""
    return Markup(html)  # noqa: S704
