"""Sets a home up for another county: its towns as the gazetteer, its names and towns in the home's pipelines.yaml."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nlp
from huiying.config.load import SHIPPED

_SHIPPED = Path(nlp.__file__).parent / "gazetteer"
GAZETTEER = "gazetteer.csv"
FIELDS = ("code", "name", "town", "kind")
KINDS = ("town", "village", "community", "spot")
#: a key of the first level, the line of a town's unit, an office of the city by its first character
_KEY = re.compile(r"([a-z_]+):")
_TOWN_UNIT = re.compile(r"kind: town")
_CITY_OFFICE = re.compile(r"(?<=: )市(?=[一-龥]{2})")
_ENDINGS = ("自治县", "自治旗", "特区", "林区", "市", "县", "区", "旗")


class CountyError(ValueError):
    """The name or the table cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Division:
    """A county and what lies above it."""

    code: str
    name: str
    city: str
    province: str

    @property
    def short(self) -> str:
        ending = next((ending for ending in _ENDINGS if self.name.endswith(ending) and len(self.name) > len(ending) + 1), "")
        return self.name.removesuffix(ending)


def _divisions() -> dict[str, dict[str, str]]:
    with (_SHIPPED / "divisions_cn.csv").open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row for row in csv.DictReader(stream)}


def find(asked: str) -> Division:
    """The county of that name, short name or code (six digits); 城市/县 settles equal names (台州/仙居). Raises CountyError."""
    rows = _divisions()
    above, _, name = asked.strip().rpartition("/")
    found = []
    for code, row in rows.items():
        if row["level"] != "county":
            continue
        one = Division(code, row["name"], rows.get(code[:4], {}).get("name", ""), rows.get(code[:2], {}).get("name", ""))
        if name in (code, one.name, one.short) and (not above or one.city.startswith(above) or one.province.startswith(above)):
            found.append(one)
    if not found:
        raise CountyError(f"没有叫「{asked}」的县（市、区）；写全名，如 仙居县，或六位代码，如 331024")
    if len(found) > 1:
        names = "、".join(f"{one.province}{one.city}{one.name}（{one.code}）" for one in found[:8])
        raise CountyError(f"叫「{asked}」的不止一处：{names}；写上级或代码，如 {found[0].city or found[0].province}/{found[0].name}")
    return found[0]


def towns_of(county: Division) -> list[dict[str, str]]:
    """Gazetteer rows of its towns and streets, as of the statistics bureau's codes of 2023."""
    with gzip.open(_SHIPPED / "towns_cn.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["parent"] == county.code]
    return [{"code": row["code"], "name": row["name"], "town": row["name"], "kind": "town"} for row in rows]


def places_of(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a table of villages and spots (code,name,town,kind; UTF-8). Raises CountyError, which names the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if missing := set(FIELDS) - set(reader.fieldnames or ()):
                raise CountyError(f"{path}:1：缺 {'、'.join(sorted(missing))} 列；首行写 {','.join(FIELDS)}")
            for line, row in enumerate(reader, start=2):
                one = {field: (row[field] or "").strip() for field in FIELDS}
                if not one["name"] or one["kind"] not in KINDS:
                    raise CountyError(
                        f"{path}:{line}：要有 name，kind 是 {'、'.join(KINDS)} 之一，这里是「{one['name']}」「{one['kind']}」"
                    )
                yield one
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CountyError(f"{path}：读不了（{error}）；存成 UTF-8 的 CSV") from error


def _prefix(county: Division) -> str:
    """市住房和城乡建设局 is 县… in a county, 区… in a district."""
    return next((mark for mark in ("市", "县", "区", "旗") if county.name.endswith(mark)), "县")


def shipped_for(county: Division, towns: list[str], shipped: str) -> str:
    """The shipped pipelines.yaml with this county's names, towns and town units; comments and all else as they stand."""
    lines: list[str] = []
    section = ""
    for line in shipped.splitlines():
        if key := _KEY.match(line):
            section = key[1]
            if section == "county":
                lines += [
                    "county:",
                    f"  name: {county.short}",
                    f"  aliases: [{', '.join(_aliases(county))}]",
                    f"  gazetteer: {GAZETTEER}",
                    "",
                ]
            elif section == "towns":
                lines += ["towns:", *(f"  - {town}" for town in towns), ""]
        if section in ("county", "towns") and not line.startswith("#"):
            continue
        if _TOWN_UNIT.search(line):
            if not any(_TOWN_UNIT.search(one) for one in lines):
                lines += [f"  - {{name: {town}, kind: town, town: {town}}}" for town in towns]
            continue
        line = line.replace("临海市", county.name).replace("临海", county.short)
        lines.append(_CITY_OFFICE.sub(_prefix(county), line) if section in ("units", "departments", "alerts") else line)
    return "\n".join(lines) + "\n"


def _aliases(county: Division) -> list[str]:
    aliases = [county.name] if county.name != county.short else []
    if county.city.endswith("市") and county.city != "市辖区":
        aliases.append(county.city.removesuffix("市") + county.short)
    return aliases


def set_up(home: Path, asked: str, places: Path | None) -> dict[str, object]:
    """Writes the home's gazetteer and its pipelines.yaml for this county. Raises CountyError; then nothing is changed."""
    county = find(asked)
    rows = towns_of(county)
    towns = [row["name"] for row in rows]
    if places is not None:
        rows += [row for row in places_of(places) if row["name"] not in towns]
    path = home / "pipelines.yaml"
    standing = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if {line for line in standing if line.strip() and not line.startswith("#")} - {"extends: shipped"}:
        raise CountyError(f"{path} 里已有设置，没有动它；换一个目录（--home），或先把它改名，写好后再并回来")
    written = shipped_for(county, towns, SHIPPED.read_text(encoding="utf-8"))
    with (home / GAZETTEER).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    path.write_text(written, encoding="utf-8")
    return {"code": county.code, "name": county.name, "towns": len(towns), "places": len(rows), "config": str(path)}
