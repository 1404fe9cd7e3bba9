"""What people write in a project folder: typed models, YAML with file:line errors, JSON Schema."""

from zicht.declare.contract import Classification, Column, Located, LogicalType, Register, Unit, read_contract
from zicht.declare.models import (
    AreaDivision,
    DimensionDeclared,
    Format,
    Indicator,
    Level,
    LevelSource,
    Measure,
    Origin,
    ProductFile,
    ProjectFile,
    PurposeFile,
    SourceFile,
    Statline,
    Status,
    Text,
    Theme,
)
from zicht.declare.project import FOLDERS, Project, Written, read_project
from zicht.declare.schema import KINDS, json_schema
from zicht.declare.sql import SqlMistake, check_expression, check_query, parse_expression
from zicht.declare.yaml_source import Document, parse_yaml, read_yaml

__all__ = [
    "FOLDERS",
    "KINDS",
    "AreaDivision",
    "Classification",
    "Column",
    "DimensionDeclared",
    "Document",
    "Format",
    "Indicator",
    "Level",
    "LevelSource",
    "Located",
    "LogicalType",
    "Measure",
    "Origin",
    "ProductFile",
    "Project",
    "ProjectFile",
    "PurposeFile",
    "Register",
    "SourceFile",
    "SqlMistake",
    "Statline",
    "Status",
    "Text",
    "Theme",
    "Unit",
    "Written",
    "check_expression",
    "check_query",
    "json_schema",
    "parse_expression",
    "parse_yaml",
    "read_contract",
    "read_project",
    "read_yaml",
]
