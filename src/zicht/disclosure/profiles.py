"""Protection profiles: named sets of rules that say which cells may not be read.

Numbers carry their source. [S] stands in a published source; [D] is our own choice where no source
gives a number. The rounding and the counts of the kwb profiles are no minimum-frequency rules and
are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

MIN_UNITS = 10  # [S] output checking guidelines of the European statistical system, rule of thumb
MAX_GROUP_SHARE = 0.9  # [S] the same: no cell over 90 % of its row or column
MAX_LARGEST_SHARE = 0.5  # [S] the same: the largest contributor at most half of a total
COUNT_MARGIN = 1.0  # [D] a hidden count must stay uncertain by one unit to either side
ATTACKS = ("A0", "A1", "A2", "A3")  # exact, interval, interval with known zeros, one contributor
SUM_MARGIN = 0.1  # [D] a hidden sum must stay uncertain by a tenth of itself to either side


@dataclass(frozen=True)
class Profile:
    """The rules of one protection profile; a rule that is None (or 0) does not apply.

    Attributes:
        id: its name in declarations.
        min_units: a cell of fewer units (but not none) is hidden.
        min_base: a cell is hidden where its row over all revealing dimensions holds fewer units: the base of a percentage.
        max_group_share: a cell is hidden that holds a larger share of the units of its row or column, over a
            dimension that reveals something.
        max_largest_share: of sums, a cell is hidden whose largest contribution is a larger share.
        p_percent: of sums, a cell is hidden if the second contributor can estimate the largest within this percentage.
        dominance: of sums, (n, k): a cell is hidden whose n largest contributions (n is 1 or 2) exceed the share k.
        zeros_published: whether an empty cell may be seen to be empty.
        count_margin: units that a hidden count must be uncertain by, to either side.
        sum_margin: share of itself that a hidden sum must be uncertain by, to either side, at least.
        attackers: the attacks that a pattern must withstand, of ATTACKS.
        hide_zeros: whether an empty cell may be hidden where nothing else protects another.
        description: what it is for, and where it comes from.

    Source: the threshold and shares are those of the output checking guidelines of the European statistical system; p % and
    dominance, and how uncertain a sum must stay, are as in the Handbook on Statistical Disclosure Control (Hundepool et al.,
    2012, section 4.2.2); the margins are our own design.
    """

    id: str
    min_units: int = MIN_UNITS
    max_group_share: float | None = MAX_GROUP_SHARE
    max_largest_share: float | None = None
    p_percent: float | None = None
    dominance: tuple[int, float] | None = None
    zeros_published: bool = True
    description: str = ""
    min_base: int = 0
    count_margin: float = COUNT_MARGIN
    sum_margin: float = SUM_MARGIN
    attackers: tuple[str, ...] = ("A0", "A1", "A2")
    hide_zeros: bool = True


def _kwb(name: str, base: int, what: str) -> Profile:
    return Profile(
        id=f"kwb-{name}",
        min_units=min(base, MIN_UNITS),
        max_group_share=None,
        min_base=base,
        description=f"{what} [S: CBS Toelichting Wijk- en Buurtkaart]; cells within it of at least {min(base, MIN_UNITS)} units [D].",
    )


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.id: profile
        for profile in (
            Profile(
                id="microdata",
                max_largest_share=MAX_LARGEST_SHARE,
                description="The default: at least 10 units a cell, no cell over 90 % of its row or column, no contributor "
                "over half of a total [S: output checking guidelines of the European statistical system].",
            ),
            Profile(
                id="acro",
                max_group_share=None,
                p_percent=10.0,
                dominance=(2, 0.9),
                description="The defaults of the output checker ACRO: at least 10 units, two largest at most 90 %, p = 10 % [S].",
            ),
            Profile(
                id="rdsc",
                min_units=5,
                max_group_share=None,
                dominance=(2, 0.85),
                description="The research data centre of the Bundesbank: at least 5 entities, two largest at most 85 % [S].",
            ),
            Profile(
                id="open",
                min_units=0,
                max_group_share=None,
                description="No rule: for statistics that their maker has published already.",
            ),
            _kwb("pct-bevolking", 50, "Percentages only of at least 50 inhabitants"),
            _kwb("woning", 20, "Shares and mean values only of at least 20 homes"),
            _kwb("energie", 6, "Mean use of energy only of at least 6 inhabited homes"),
            _kwb("arbeid", 150, "Participation and kind of work only of at least 150 persons"),
            _kwb("inkomen", 100, "Means and shares of income only of at least 100 persons or households"),
        )
    }
)
"""The protection profiles by id; each description names its source, and says what is our own choice."""
