"""Quality norms and lead times: measured in one pass over a register, judged, and shown."""

from zicht.intake.quality.lead import Lead, Times, lead_times
from zicht.intake.quality.measure import FAILING_SCHEMA, failing_rows, measure, write_measured
from zicht.intake.quality.measured import Measured, Shaped
from zicht.intake.quality.verdicts import Judged, Verdict, judge

__all__ = [
    "FAILING_SCHEMA",
    "Judged",
    "Lead",
    "Measured",
    "Shaped",
    "Times",
    "Verdict",
    "failing_rows",
    "judge",
    "lead_times",
    "measure",
    "write_measured",
]
