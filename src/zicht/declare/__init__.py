"""What people write in a project folder: typed models, YAML with file:line errors, JSON Schema."""

from zicht.declare.algorithms import AlgorithmFile
from zicht.declare.analyses import (
    AmongAreas,
    Analysis,
    AnyAnalysis,
    Funnel,
    LookAlikes,
    OtherLimit,
    OverTime,
    Ranks,
    RuleErrors,
    Standardised,
    TakeUp,
    WithTraits,
)
from zicht.declare.base import Level, Text
from zicht.declare.binding import Proxy
from zicht.declare.catalogue import CatalogueEntry
from zicht.declare.contract import Classification, Column, Located, LogicalType, Register, Unit, read_contract
from zicht.declare.identifiers import pseudonym_domains
from zicht.declare.lead_times import Duration, LeadStep, LeadTimes, period_day
from zicht.declare.models import (
    AreaDivision,
    DimensionDeclared,
    Format,
    Indicator,
    LevelSource,
    Measure,
    Origin,
    ProductFile,
    ProjectFile,
    SourceFile,
    Statline,
    Status,
    Theme,
)
from zicht.declare.papers import KeptPaper, PaperKind
from zicht.declare.project import FOLDERS, Project, Written, read_project
from zicht.declare.purposes import PurposeFile, vocabulary
from zicht.declare.quality import (
    AGAINST_EARLIER,
    OF_ROWS,
    Limit,
    Metric,
    Norm,
    QualityDimension,
    Valid,
)
from zicht.declare.quality_checks import norms_of, registers_read_by
from zicht.declare.relink import Relink
from zicht.declare.review import Person, Review, Role
from zicht.declare.schema import KINDS, json_schema
from zicht.declare.schemes import Scheme
from zicht.declare.site import HouseStyle, Palette, Site, shipped_style, shipped_styles
from zicht.declare.sql import (
    SqlMistake,
    check_expression,
    check_query,
    columns_used,
    parse_expression,
    parse_query,
    query_tables,
)
from zicht.declare.story import FigureNamed, StorySection, story_pieces
from zicht.declare.yaml_source import Document, parse_yaml, read_yaml

__all__ = [
    "AGAINST_EARLIER",
    "FOLDERS",
    "KINDS",
    "OF_ROWS",
    "AlgorithmFile",
    "AmongAreas",
    "Analysis",
    "AnyAnalysis",
    "AreaDivision",
    "CatalogueEntry",
    "Classification",
    "Column",
    "DimensionDeclared",
    "Document",
    "Duration",
    "FigureNamed",
    "Format",
    "Funnel",
    "HouseStyle",
    "Indicator",
    "KeptPaper",
    "LeadStep",
    "LeadTimes",
    "Level",
    "LevelSource",
    "Limit",
    "Located",
    "LogicalType",
    "LookAlikes",
    "Measure",
    "Metric",
    "Norm",
    "Origin",
    "OtherLimit",
    "OverTime",
    "Palette",
    "PaperKind",
    "Person",
    "ProductFile",
    "Project",
    "ProjectFile",
    "Proxy",
    "PurposeFile",
    "QualityDimension",
    "Ranks",
    "Register",
    "Relink",
    "Review",
    "Role",
    "RuleErrors",
    "Scheme",
    "Site",
    "SourceFile",
    "SqlMistake",
    "Standardised",
    "Statline",
    "Status",
    "StorySection",
    "TakeUp",
    "Text",
    "Theme",
    "Unit",
    "Valid",
    "WithTraits",
    "Written",
    "check_expression",
    "check_query",
    "columns_used",
    "json_schema",
    "norms_of",
    "parse_expression",
    "parse_query",
    "parse_yaml",
    "period_day",
    "pseudonym_domains",
    "query_tables",
    "read_contract",
    "read_project",
    "read_yaml",
    "registers_read_by",
    "shipped_style",
    "shipped_styles",
    "story_pieces",
    "vocabulary",
]
