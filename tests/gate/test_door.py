"""Attempts to get identifiers past the door, or to come by them from what is behind it. Each is refused or finds nothing."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from byte_scan import found_in, found_in_text
from gate_folder import CARE, PERSONS, Folder
from invented_identifiers import account_numbers, citizen_numbers
from typer.testing import CliRunner

from zicht.chain import build
from zicht.cli.app import app
from zicht.declare import Format, Register, parse_yaml, read_contract
from zicht.errors import DeliveryError, ZichtError
from zicht.intake import ACCEPTED, REFUSED, Delivery, take_in
from zicht.pseudonyms import DomainKey, SecretError, are_pseudonyms

KEY = DomainKey("poging", 1, bytes(range(32)))
NUMBERS = citizen_numbers(60)
HEAD = """apiVersion: v3.1.0
kind: DataContract
id: poging
version: 1.0.0
status: active
name: Poging
schema:
  - name: rijen
    customProperties: [{{property: bron, value: bron}}, {{property: eenheid, value: {unit}}}]
    properties:
"""


def contract(*columns: str, unit: str = "object") -> Register:
    lines = "".join(f"      - {{{column}}}\n" for column in columns)
    register, problems = read_contract(parse_yaml(HEAD.format(unit=unit) + lines, "rijen.yaml"))
    assert register is not None, problems
    return register


def deliver(folder: Path, register: Register, text: str) -> Path:
    """Take in, into a folder of which nothing but what is in it is known."""
    file = folder / "rijen.csv"
    file.write_text(text, "utf-8")
    take_in(register, Delivery(file, Format(), file.name, {}, "0" * 64), folder / "lake", key=KEY)
    return folder / "lake"


def refused(folder: Path, register: Register, text: str) -> str:
    with pytest.raises(DeliveryError) as error:
        deliver(folder, register, text)
    assert not (folder / "lake").exists(), "something was written"
    return str(error.value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (NUMBERS, "citizen numbers"),
        ([f"{n[:3]} {n[3:6]} {n[6:]}" for n in NUMBERS], "citizen numbers"),
        ([f"K{n}X" for n in NUMBERS], "citizen numbers"),
        ([f"i{i}@a.example" for i in range(30)], "e-mail"),
        ([f"06-123456{i:02}" for i in range(30)], "telephone"),
        (account_numbers(30), "account numbers"),
        ([f"{letter}. de Wit" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"], "names"),
    ],
)
def test_identifiers_under_another_name_are_recognised_and_refused_before_anything_is_written(
    tmp_path: Path, values: list[str], said: str
) -> None:
    text = "zaaknummer;n\n" + "".join(f"{value};{i}\n" for i, value in enumerate(values))
    message = refused(
        tmp_path,
        contract("name: zaaknummer, classification: internal", "name: n, logicalType: integer"),
        text,
    )
    assert said in message
    assert "rijen.csv:1:1" in message
    assert not any(value in message for value in values)


def test_citizen_numbers_cannot_come_in_as_whole_numbers_or_as_amounts(tmp_path: Path) -> None:
    for kind in ("integer", "number"):
        text = "bedrag\n" + "\n".join(NUMBERS)
        assert "citizen numbers" in refused(
            tmp_path, contract(f"name: bedrag, logicalType: {kind}, classification: personal"), text
        )


def test_citizen_numbers_cannot_hide_behind_rows_that_are_empty_or_say_unknown(tmp_path: Path) -> None:
    text = "code\n" + "onbekend\n" * 3_000 + "\n".join(NUMBERS)
    assert "citizen numbers" in refused(tmp_path, contract("name: code, classification: internal"), text)


def test_identifiers_far_down_a_long_delivery_leave_nothing_behind_of_the_rows_before_them(
    village: Path,
) -> None:
    file = village / "leveringen" / "inwoners.csv"
    head = file.read_text("utf-8").splitlines()[0]
    rows = (f"P{i:06};2025;{1950 + i % 60};V;;nee;BU90020101" for i in range(140_000))
    late = (f"P{900_000 + i};2025;{number};V;;nee;BU90020101" for i, number in enumerate(NUMBERS * 30))
    file.write_text("\n".join((head, *rows, *late)) + "\n", "utf-8")
    with pytest.raises(DeliveryError, match="citizen numbers"):
        build(village, ["register/inwoners"])
    assert not list((village / ".zicht").rglob("*accepted.parquet"))
    assert not (village / ".zicht" / "steps" / "register" / "inwoners.json").exists()
    assert not list((village / ".zicht" / "work").glob("*"))
    assert found_in(village / ".zicht", NUMBERS) == {}


def test_citizen_numbers_cannot_hide_in_rows_that_are_refused(tmp_path: Path) -> None:
    register = contract(
        "name: code, logicalType: string, classification: internal, logicalTypeOptions: {pattern: '^A'}"
    )
    assert "citizen numbers" in refused(tmp_path, register, "code\nA1\n" + "\n".join(NUMBERS))


def test_a_harmless_column_cannot_be_declared_in_a_register_of_persons() -> None:
    column = "      - {name: bsn, customProperties: [{property: nietIdentificerend, value: echt niet}]}\n"
    _, problems = read_contract(parse_yaml(HEAD.format(unit="person") + column, "rijen.yaml"))
    assert "classify it `identifying`" in str(problems[0])


def test_an_identifying_column_comes_into_the_lake_as_pseudonyms_only(tmp_path: Path) -> None:
    register = contract(
        "name: bsn, classification: identifying", "name: n, logicalType: integer", unit="person"
    )
    lake = deliver(tmp_path, register, "bsn;n\n" + "".join(f"{n};1\n" for n in NUMBERS))
    assert found_in(lake, NUMBERS) == {}
    assert are_pseudonyms(pq.read_table(lake / ACCEPTED)["bsn"].combine_chunks()).to_pylist() == [True] * len(
        NUMBERS
    )


def test_an_identifying_column_that_falls_away_leaves_nothing_behind(tmp_path: Path) -> None:
    register = contract(
        "name: bsn, classification: identifying, customProperties: [{property: pseudonimiseren, value: false}]",
        "name: n, logicalType: integer", unit="person",
    )  # fmt: skip
    lake = deliver(tmp_path, register, "bsn;n\n" + "".join(f"{n};1\n" for n in NUMBERS))
    assert pq.read_schema(lake / ACCEPTED).names == ["n"]
    assert found_in(lake, NUMBERS) == {}


def test_an_identifier_that_slipped_into_another_column_is_in_no_message_and_no_report(
    tmp_path: Path,
) -> None:
    # A cell too few in the source: everything moves one to the left.
    for columns in (
        (
            "name: bsn, classification: identifying",
            "name: buurt, logicalType: string, classification: internal, logicalTypeOptions: {pattern: '^BU'}",
        ),
        (
            "name: n, logicalType: integer",
            "name: buurt, logicalType: string, classification: internal, logicalTypeOptions: {pattern: '^BU'}",
        ),
    ):
        message = refused(
            tmp_path, contract(*columns), f"{columns[0][6:9].split(',')[0]};buurt\n1;{NUMBERS[0]}\n"
        )
        assert NUMBERS[0] not in message


def test_rows_that_are_refused_and_kept_show_no_identifier(tmp_path: Path) -> None:
    register = contract(
        "name: code, logicalType: string, classification: internal, logicalTypeOptions: {pattern: '^A'}"
    )
    object.__setattr__(register, "max_refused", 1.0)
    lake = deliver(tmp_path, register, f"code\nA1\n{NUMBERS[0]}\nx@y.example\nB7\n")
    assert pq.read_table(lake / REFUSED)["value"].to_pylist() == [None, None, "B7"]
    assert found_in(lake, NUMBERS) == {}


def test_an_expression_that_fails_on_a_value_does_not_say_the_value(folder: Folder) -> None:
    from zicht.engine import DuckDBEngine, EngineError

    with DuckDBEngine() as engine:
        engine.add("personen", pa.table({"bsn": [NUMBERS[0], "geheim"]}))
        with pytest.raises(EngineError) as error:
            engine.query("SELECT CAST(bsn AS INTEGER) FROM personen")
    assert not found_in_text(str(error.value), NUMBERS)
    assert "geheim" not in str(error.value)


def test_pseudonyms_cannot_be_made_without_the_secret_by_trying_all_numbers(tmp_path: Path) -> None:
    register = contract("name: bsn, classification: identifying", unit="person")
    lake = deliver(tmp_path, register, "bsn\n" + "\n".join(NUMBERS))
    stored = b"".join(path.read_bytes() for path in lake.iterdir())
    bits = set(pq.read_table(lake / ACCEPTED)["bsn"].to_pylist())
    letters = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
    for number in NUMBERS:
        for made in (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.blake2b):
            digest = made(number.encode()).hexdigest()
            assert digest.encode() not in stored
            assert digest[:32].translate(letters) not in bits


def test_registers_of_two_domains_cannot_be_joined_by_accident(folder: Folder) -> None:
    folder.change("sources/wmo.yaml", pseudonym_domain="zorg")
    sql = "select p.peiljaar, p.gemeentecode, p.leeftijd, w.voorziening is not null as kenmerk from personen p left join wmo w on w.persoon_id = p.persoon_id"
    folder.register(
        "gemaakt",
        {"peiljaar": ("integer", "public", {}), "kenmerk": ("boolean", "special", {})},
        sql=sql,
        purposes=["zorg"],
    )
    assert "uses pseudonyms of the domains poging, zorg" in folder.refusals()


def test_registers_of_two_domains_cannot_be_joined_by_way_of_a_third(folder: Folder) -> None:
    folder.change("sources/wmo.yaml", pseudonym_domain="zorg")
    step = {"peiljaar": ("integer", "public", {}), "wie": ("string", "identifying", {})}
    folder.register("tussen", step, sql="select peiljaar, persoon_id as wie from wmo", purposes=["zorg"])
    sql = "with t as (select wie from tussen) select p.peiljaar, true as kenmerk from personen p where p.persoon_id in (select wie from t)"
    folder.register(
        "gemaakt",
        {"peiljaar": ("integer", "public", {}), "kenmerk": ("boolean", "special", {})},
        sql=sql,
        purposes=["zorg"],
    )
    assert "uses pseudonyms of the domains poging, zorg" in folder.refusals()


def test_a_purpose_cannot_use_the_pseudonyms_of_another_domain(folder: Folder) -> None:
    folder.change("sources/wmo.yaml", pseudonym_domain="zorg")
    folder.purpose("zorg", special=True, registers=["personen", "wmo"], pseudonym_domain="poging")
    assert "register `wmo` has those of `zorg`" in folder.refusals()


def test_pseudonyms_cannot_be_held_against_plain_identifiers_through_a_cte(folder: Folder) -> None:
    plain = {**CARE, "persoon_id": ("string", "internal", {})}
    folder.register("wmo", plain, purposes=["zorg"])
    sql = "with w as (select persoon_id as wie from wmo) select p.peiljaar, true as kenmerk from personen p join w on w.wie = p.persoon_id"
    folder.register(
        "gemaakt",
        {"peiljaar": ("integer", "public", {}), "kenmerk": ("boolean", "special", {})},
        sql=sql,
        purposes=["zorg"],
    )
    assert "against `wmo.persoon_id`, which holds none" in folder.refusals()


def test_a_citizen_number_cannot_be_looked_up_among_pseudonyms(folder: Folder) -> None:
    sql = f"select peiljaar, true as kenmerk from personen where persoon_id = '{NUMBERS[0]}'"
    folder.register(
        "gemaakt",
        {"peiljaar": ("integer", "public", {}), "kenmerk": ("boolean", "special", {})},
        sql=sql,
        purposes=["zorg"],
    )
    assert "against a value that is none" in folder.refusals()


def test_an_identifying_column_cannot_be_a_number_an_area_or_a_period(folder: Folder) -> None:
    folder.register(
        "personen", {**PERSONS, "persoon_id": ("integer", "identifying", {"key": True})}, purposes=["armoede"]
    )
    assert "pseudonyms are texts" in folder.refusals()
    folder.register(
        "personen",
        {**PERSONS, "persoon_id": ("string", "identifying", {"gebied": "gemeente"})},
        purposes=["armoede"],
    )
    assert "no pseudonym says an area" in folder.refusals()


@pytest.fixture
def village(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project that `zicht new` makes, with a secret in a file."""
    monkeypatch.delenv("ZICHT_KEYS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    result = CliRunner().invoke(app, ["new", str(tmp_path / "dorp")])
    assert result.exit_code == 0, result.output
    return tmp_path / "dorp"


def keys_file(village: Path) -> Path:
    return next((village.parent / "config" / "zicht").glob("*.keys"))


def declare_keys(village: Path, line: str) -> None:
    file = village / "zicht.yaml"
    file.write_text(file.read_text("utf-8") + f"\n{line}\n", "utf-8")


def test_a_secret_in_the_project_folder_is_refused(village: Path) -> None:
    shutil.copy(keys_file(village), village / "sleutel.keys")
    declare_keys(village, f"keys: {{kept: file, name: {village / 'sleutel.keys'}}}")
    with pytest.raises(SecretError, match="lies in a project folder"):
        build(village, ["register/inwoners"])


def test_a_secret_behind_a_link_out_of_the_project_is_refused(village: Path) -> None:
    link = village.parent / "link.keys"
    link.symlink_to(keys_file(village))
    declare_keys(village, f"keys: {{kept: file, name: {link}}}")
    with pytest.raises(SecretError, match="a file of its own"):
        build(village, ["register/inwoners"])


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o602])
def test_a_secret_that_others_can_read_or_change_is_refused(village: Path, mode: int) -> None:
    keys_file(village).chmod(mode)
    with pytest.raises(SecretError, match="Others may read or change"):
        build(village, ["register/inwoners"])


def test_a_secret_in_a_folder_where_others_may_write_is_refused(village: Path) -> None:
    keys_file(village).parent.chmod(0o777)
    with pytest.raises(SecretError, match="put other keys there"):
        build(village, ["register/inwoners"])


def test_the_secret_that_everybody_knows_is_refused_for_people_who_may_be_real(village: Path) -> None:
    declare_keys(village, "keys: {kept: invented}")
    with pytest.raises(DeliveryError, match="everybody could undo its pseudonyms"):
        build(village, ["register/inwoners"])


def test_no_command_no_step_and_no_file_shows_the_secret(village: Path) -> None:
    secret = keys_file(village).read_text().split("=")[1].strip()
    build(village, ["register/inwoners"])
    for command in (["where"], ["check"], ["new"], ["rotate"], ["check"]):
        for machine in ([], ["--json"]):
            assert secret not in CliRunner().invoke(app, ["keys", *command, str(village), *machine]).output
    shown = b"".join(path.read_bytes() for path in village.rglob("*") if path.is_file())
    assert secret.encode() not in shown
    assert bytes.fromhex(secret) not in shown


def test_a_build_after_a_new_secret_takes_nothing_old_for_new(village: Path) -> None:
    build(village, ["register/inwoners"])
    assert CliRunner().invoke(app, ["keys", "rotate", str(village)]).exit_code == 0
    found = json.loads(CliRunner().invoke(app, ["keys", "check", str(village), "--json"]).output)
    assert [(one["made_with"], one["version"], one["state"]) for one in found["registers"]] == [
        (1, 2, "to make")
    ]
    (step,) = [one for one in build(village, ["register/inwoners"]).steps if one.name == "register/inwoners"]
    assert (step.state, "pseudonym key" in step.why) == ("made", True)
    told = pq.read_schema(step.folder / ACCEPTED).field("persoon_id").metadata
    assert json.loads(told[b"zicht.pseudonym"])["version"] == 2


def test_a_secret_that_was_swapped_under_the_same_number_is_noticed(village: Path) -> None:
    build(village, ["register/inwoners"])
    keys_file(village).unlink()
    assert CliRunner().invoke(app, ["keys", "new", str(village)]).exit_code == 0
    assert CliRunner().invoke(app, ["keys", "check", str(village)]).exit_code == 1


def query(village: Path, column: str, sql: str) -> None:
    text = HEAD.replace("{{property: bron, value: bron}}", "{{property: sql, value: rijen.sql}}").format(
        unit="person"
    )
    (village / "registers" / "rijen.yaml").write_text(text + f"      - {{{column}}}\n", "utf-8")
    (village / "registers" / "rijen.sql").write_text(sql, "utf-8")
    declared = (village / "registers" / "rijen.yaml").read_text("utf-8")
    custom = "{property: eenheid, value: person}"
    purpose = next(path.stem for path in (village / "purposes").glob("*.yaml"))
    (village / "registers" / "rijen.yaml").write_text(
        declared.replace(custom, f"{custom}, {{property: verwerkingsactiviteit, value: [{purpose}]}}"),
        "utf-8",
    )
    file = village / "purposes" / f"{purpose}.yaml"
    file.write_text(file.read_text("utf-8").replace("registers: [", "registers: [rijen, "), "utf-8")


@pytest.mark.parametrize(
    ("column", "sql", "said"),
    [
        ("name: nummer, classification: personal", "select persoon_id as nummer from inwoners", "pseudonyms"),
        (
            "name: nummer, classification: identifying",
            "select 'P' || geboortejaar as nummer from inwoners",
            "something else than pseudonyms",
        ),
        (
            "name: nummer, classification: identifying",
            "select substr(persoon_id, 2, 31) as nummer from inwoners",
            "something else than pseudonyms",
        ),
    ],
)
def test_a_query_cannot_let_pseudonyms_out_unnamed_or_pass_others_off_as_pseudonyms(
    village: Path, column: str, sql: str, said: str
) -> None:
    query(village, column, sql)
    with pytest.raises(ZichtError, match=said):
        build(village, ["register/rijen"])


@pytest.mark.slow
def test_no_byte_of_what_is_kept_of_a_project_holds_an_identifier_and_a_planted_one_is_found(
    village: Path,
) -> None:
    lines = (village / "leveringen" / "inwoners.csv").read_text("utf-8").splitlines()
    people = {line.split(";")[lines[0].split(";").index("persoon_id")] for line in lines[1:]}
    build(village, ["release"])
    assert found_in(village / "leveringen", people)
    assert found_in(village / ".zicht", people) == {}
    (village / ".zicht" / "planted.log").write_text(f"refused: {min(people)}\n", "utf-8")
    assert found_in(village / ".zicht", people) == {"planted.log": [min(people)]}


def test_the_scan_finds_an_identifier_in_every_kind_of_file(tmp_path: Path) -> None:
    number = NUMBERS[0]
    table = pa.table({"a": [number] * 1_000, "b": [int(number)] * 1_000})
    for codec in ("zstd", "snappy", "none"):
        pq.write_table(table.select(["a"]), tmp_path / f"text.{codec}.parquet", compression=codec)
        pq.write_table(table.select(["b"]), tmp_path / f"number.{codec}.parquet", compression=codec)
    (tmp_path / "log.txt").write_text(f"person {number} was refused")
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(f"<p>{number}</p>".encode()))
    (tmp_path / f"{number}.json").write_text("{}")
    assert len(found_in(tmp_path, NUMBERS)) == 9
    assert found_in(tmp_path, NUMBERS[1:]) == {}
