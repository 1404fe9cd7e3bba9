"""Which charts an indicator has: chosen by what kind of figure it is, and made from the release alone."""

from __future__ import annotations

from zicht.publish.catalogue import Indicator
from zicht.publish.charts import Chart
from zicht.publish.edition import Edition
from zicht.publish.panels.course import course_charts
from zicht.publish.panels.desk import Desk
from zicht.publish.panels.development import beside_chart, trend_chart
from zicht.publish.panels.parts import breakdown_charts, flow_chart
from zicht.publish.panels.spread import distribution_chart, funnel_chart, interval_chart
from zicht.publish.texts import Texts

__all__ = ["Desk", "charts_of_level", "charts_of_whole", "course_charts", "trend_chart"]


def charts_of_whole(edition: Edition, texts: Texts, indicator: Indicator) -> list[Chart]:
    """The charts about the area that all others lie in: its development, and how it is made up.

    Args:
        edition: the release.
        texts: of the language.
        indicator: the indicator.
    """
    top = edition.areas.top
    if top is None:
        return []
    desk = Desk(edition, texts, indicator)
    trend = trend_chart(desk, top)
    return [*([] if trend is None else [trend]), *breakdown_charts(desk, top)]


def charts_of_level(edition: Edition, texts: Texts, indicator: Indicator, level: str) -> list[Chart]:
    """The charts about the areas of a level: how they differ, are spread and change.

    Args:
        edition: the release.
        texts: of the language.
        indicator: the indicator.
        level: such as `wijk`.
    """
    latest = edition.latest(indicator, level)
    if latest is None:
        return []
    desk = Desk(edition, texts, indicator)
    makers = (interval_chart, distribution_chart, funnel_chart, beside_chart, flow_chart)
    return [chart for maker in makers if (chart := maker(desk, level, latest)) is not None]
