"""Charts as server-made SVG: one module a kind, and what goes with each picture before it may be published."""

from zicht.publish.charts.chart import (
    KINDS,
    Chart,
    Column,
    bounds_columns,
    names_column,
    standalone,
    values_column,
)
from zicht.publish.charts.distribution import Distribution, StripScale, bins_of, distribution_svg, strip_svg
from zicht.publish.charts.draw import NARROW, RAMP, WIDE, Drawing, Room, drawn, shade
from zicht.publish.charts.dumbbell import Dumbbell, dumbbell_svg
from zicht.publish.charts.facets import Facet, facets_drawing
from zicht.publish.charts.flow import Flow, flow_svg
from zicht.publish.charts.funnel import Funnel, funnel_svg, limits
from zicht.publish.charts.interval import Intervals, interval_svg
from zicht.publish.charts.multiples import Multiples, multiples_svg
from zicht.publish.charts.pyramid import Pyramid, pyramid_svg
from zicht.publish.charts.slope import Slope, slope_svg
from zicht.publish.charts.small import Scale, margin_bar, sparklines
from zicht.publish.charts.stacked import Stacked, shares, stacked_svg
from zicht.publish.charts.trend import Series, Trend, trend_svg

__all__ = [
    "KINDS",
    "NARROW",
    "RAMP",
    "WIDE",
    "Chart",
    "Column",
    "Distribution",
    "Drawing",
    "Dumbbell",
    "Facet",
    "Flow",
    "Funnel",
    "Intervals",
    "Multiples",
    "Pyramid",
    "Room",
    "Scale",
    "Series",
    "Slope",
    "Stacked",
    "StripScale",
    "Trend",
    "bins_of",
    "bounds_columns",
    "distribution_svg",
    "drawn",
    "dumbbell_svg",
    "facets_drawing",
    "flow_svg",
    "funnel_svg",
    "interval_svg",
    "limits",
    "margin_bar",
    "multiples_svg",
    "names_column",
    "pyramid_svg",
    "shade",
    "shares",
    "slope_svg",
    "sparklines",
    "stacked_svg",
    "standalone",
    "strip_svg",
    "trend_svg",
    "values_column",
]
