"""Protection profiles: named sets of rules that say which cells may not be read.

Numbers carry their source. [S] stands in a published source; [D] is our own choice where no source
gives a number; [R] is known from practice, but its source was not read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from zicht.errors import DisclosureError

MIN_UNITS = 10  # [S] output checking guidelines of the European statistical system, rule of thumb
MIN_DEGREES = 10  # [S] the same: residual degrees of freedom of a model
MAX_GROUP_SHARE = 0.9  # [S] the same: no cell over 90 % of its row or column
MAX_LARGEST_SHARE = 0.5  # [S] the same: the largest contributor at most half of a total
COUNT_MARGIN = 1.0  # [D] a hidden count must stay uncertain by one unit to either side
ATTACKS = ("A0", "A1", "A2", "A3")  # exact, interval, interval with known zeros, one contributor
SUM_MARGIN = 0.1  # [D] a hidden sum must stay uncertain by a tenth of itself to either side
GIVEN_CONTRIBUTIONS = 2  # contributions to a cell that a table holds, the largest first


@dataclass(frozen=True)
class Profile:
    """The rules of one protection profile; a rule that is None (or 0) does not apply.

    Attributes:
        id: its name in declarations.
        min_units: a cell of fewer units (but not none) is hidden.
        min_base: a cell is hidden where its row over all revealing dimensions holds fewer units: the base of a percentage.
        min_objects: a cell is hidden whose mean is taken over fewer objects, where the table says over how many.
        min_degrees: a cell is hidden whose model has fewer residual degrees of freedom, where the table says how many.
        max_unknown_share: the cells of a row are hidden of which a larger share has an unknown category.
        max_group_share: a cell is hidden that holds a larger share of the units of its row or column, over a
            dimension that reveals something.
        all_but_one_zero: whether a cell is hidden that holds all units of its row or column, over such a dimension.
        max_largest_share: of sums, a cell is hidden whose largest contribution is a larger share.
        p_percent: of sums, a cell is hidden if the second contributor can estimate the largest within this percentage.
        q_percent: how well the second contributor can estimate the smaller contributions before publication; with
            100 the p % rule is the common one, with less it is the prior-posterior (p, q) rule.
        dominance: of sums, (n, k): a cell is hidden whose n largest contributions (n is 1 or 2) exceed the share k.
        request_share: of sums, a cell is hidden of which a contributor that asked for protection has a larger share.
        request_min_units: of sums, a cell is hidden of fewer units where one of them asked for protection.
        zeros_published: whether an empty cell may be seen to be empty.
        count_margin: units that a hidden count must be uncertain by, to either side.
        sum_margin: share of itself that a hidden sum must be uncertain by, to either side, at least.
        rounding_base: what counts are rounded to a multiple of, where rounding is the method; 0: the profile names no base.
        coalition: contributors that may put together what they know, in the attack of contributors (A3).
        attackers: the attacks that a pattern must withstand, of ATTACKS.
        hide_zeros: whether an empty cell may be hidden where nothing else protects another.
        description: what it is for, and where it comes from.

    Raises:
        DisclosureError: when a number cannot be, or dominance counts more contributions than tables hold.

    Source: the threshold and shares are those of the output checking guidelines of the European statistical system; p %, (p, q),
    dominance and request rules, and how uncertain a sum must stay, are as in the Handbook on Statistical Disclosure Control
    (Hundepool et al., 2nd edition, sections 4.2.1 and 4.2.2); the margins are our own design.
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
    attackers: tuple[str, ...] = ATTACKS
    hide_zeros: bool = True
    min_objects: int = 0
    min_degrees: int = 0
    max_unknown_share: float | None = None
    all_but_one_zero: bool = False
    q_percent: float = 100.0
    request_share: float | None = None
    request_min_units: int = 0
    rounding_base: int = 0
    coalition: int = 1

    def __post_init__(self) -> None:
        if self.dominance is not None and not 1 <= self.dominance[0] <= GIVEN_CONTRIBUTIONS:
            raise DisclosureError(
                f"Profile {self.id!r} counts the {self.dominance[0]} largest contributions; a table holds the two largest, so n is 1 or 2. "
                "Find the sensitive cells yourself for more, and give them in the column 'sensitive'."
            )
        shares = (
            self.max_group_share,
            self.max_largest_share,
            self.dominance and self.dominance[1],
            self.request_share,
        )
        if any(share is not None and not 0 < share <= 1 for share in shares):
            raise DisclosureError(f"Profile {self.id!r} has a share that does not lie above 0 and at most 1.")
        if self.p_percent is not None and not 0 < self.p_percent <= self.q_percent <= 100:
            raise DisclosureError(
                f"Profile {self.id!r} has p = {self.p_percent:g} and q = {self.q_percent:g}; they need 0 < p ≤ q ≤ 100."
            )
        if unknown := sorted(set(self.attackers) - set(ATTACKS)):
            raise DisclosureError(
                f"Profile {self.id!r} names the attack {unknown[0]!r}; there are {', '.join(ATTACKS)}."
            )
        if self.coalition < 1:
            raise DisclosureError(
                f"Profile {self.id!r} has coalitions of {self.coalition}; one contributor is the least."
            )


def _kwb(
    name: str,
    base: int,
    what: str,
    *,
    max_unknown_share: float | None = None,
    min_objects: int = 0,
    rounding_base: int = 0,
) -> Profile:
    least = min(base, MIN_UNITS)
    return Profile(
        id=f"kwb-{name}",
        min_units=least,
        max_group_share=None,
        min_base=base,
        max_unknown_share=max_unknown_share,
        min_objects=min_objects,
        rounding_base=rounding_base,
        description=f"{what} [S: CBS Toelichting Wijk- en Buurtkaart]; cells within it of at least {least} units [D].",
    )


GENERAL = (
    Profile(
        id="microdata",
        max_largest_share=MAX_LARGEST_SHARE,
        min_degrees=MIN_DEGREES,
        description="The default: at least 10 units a cell, no cell over 90 % of its row or column, no contributor "
        "over half of a total, models of at least 10 residual degrees of freedom "
        "[S: output checking guidelines of the European statistical system].",
    ),
    Profile(
        id="cbs-microdata",
        max_largest_share=MAX_LARGEST_SHARE,
        min_degrees=MIN_DEGREES,
        all_but_one_zero=True,
        attackers=ATTACKS,
        description="As microdata, and no contributor to a hidden figure may compute another one; for output of a remote "
        "environment for microdata [R: CBS follows the guidelines of the European statistical system], attackers [D].",
    ),
    Profile(
        id="cbs-publicatie",
        min_units=3,
        max_group_share=None,
        p_percent=10.0,
        description="Published sums of firms: at least 3 contributors [S: Handbook on Statistical Disclosure Control] and "
        "p = 10 % [D: an office keeps the numbers that it uses itself secret, as that handbook advises].",
    ),
    Profile(
        id="acro",
        max_group_share=None,
        p_percent=10.0,
        dominance=(2, 0.9),
        min_degrees=MIN_DEGREES,
        rounding_base=5,
        description="The defaults of the output checker ACRO: at least 10 units, two largest at most 90 %, p = 10 %, "
        "10 residual degrees of freedom, rounding to 5 [S].",
    ),
    Profile(
        id="ons-srs",
        max_group_share=None,
        p_percent=12.5,
        dominance=(1, 0.4375),
        min_degrees=MIN_DEGREES,
        description="Secure research of the United Kingdom: at least 10 units; of sums the largest at most 43.75 % and "
        "p = 12.5 % [R].",
    ),
    Profile(
        id="rdsc",
        min_units=5,
        max_group_share=None,
        dominance=(2, 0.85),
        description="The research data centre of the Bundesbank: at least 5 entities, two largest at most 85 % [S].",
    ),
    Profile(
        id="eurostat-census",
        min_units=3,
        max_group_share=None,
        all_but_one_zero=True,
        rounding_base=5,
        description="Census tables where cells are hidden or rounded to 5 and not perturbed: 1 and 2 persons are hidden, "
        "and that all of a group are in one category [D: the census of 2021 itself swaps records and uses a cell key, S].",
    ),
    Profile(
        id="trade",
        min_units=0,
        max_group_share=None,
        request_share=0.7,
        request_min_units=3,
        description="Foreign trade: only who asked for protection is protected, if its share is over 70 % or the cell has "
        "fewer than 3 contributors [S: request rule of the Handbook on Statistical Disclosure Control, numbers D].",
    ),
    Profile(
        id="open",
        min_units=0,
        max_group_share=None,
        description="No rule: for statistics that their maker has published already.",
    ),
)

KWB = (
    _kwb("dichtheid", 10, "Density only of at least 10 inhabitants"),
    _kwb("pct-bevolking", 50, "Percentages only of at least 50 inhabitants"),
    _kwb(
        "woning",
        20,
        "Shares and mean values only of at least 20 homes, ownership only where at most half is unknown, mean value only of at least 50 valued objects",
        max_unknown_share=0.5,
        min_objects=50,
    ),
    _kwb("energie", 6, "Mean use of energy only of at least 6 inhabited homes"),
    _kwb("arbeid", 150, "Participation and kind of work only of at least 150 persons"),
    _kwb(
        "inkomen",
        100,
        "Means and shares of income only of at least 100 persons or households, receivers rounded to 100",
        rounding_base=100,
    ),
    Profile(
        id="kwb-telling",
        min_units=5,
        max_group_share=None,
        rounding_base=5,
        description="Counts of districts and neighbourhoods, rounded at random to 5 [S: CBS Toelichting Wijk- en Buurtkaart]; "
        "where they are hidden and not rounded, fewer than 5 units [D].",
    ),
    Profile(
        id="kwb-zorg",
        min_units=8,
        max_group_share=None,
        zeros_published=False,
        rounding_base=5,
        description="Youth care and social support: 0 to 7 secret, the rest rounded to 5, and shares taken after rounding "
        "[S: CBS Toelichting Wijk- en Buurtkaart].",
    ),
)

PROFILES: Mapping[str, Profile] = MappingProxyType({profile.id: profile for profile in (*GENERAL, *KWB)})
"""The protection profiles by id; each description names its source, and says what is our own choice."""
