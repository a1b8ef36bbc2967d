"""Names that point at each other inside pipelines.yaml: units, topics, towns, channels, the order of a ladder."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from huiying.config.findings import Finding
from huiying.config.model import Pipelines, Source
from huiying.config.yamltext import Marked, Path_
from store.records import Level

_FORBIDDEN_AGENT = re.compile(r"bot|crawl|spider|sed|nec|mot", re.IGNORECASE)


def _wrong_rule(name: str, source: Source) -> tuple[str, str] | None:
    """(rule, what is wrong with it) of a configured site, None when its rules can be read."""
    from crawlers.settings_types import SourceSettings, SourceSettingsError
    from crawlers.sites.selectors.rules import compile_rules
    from huiying.wire import rules_of

    try:
        settings = SourceSettings(name=name, engine="selectors", url=source.url, rules=rules_of(source))
        compile_rules(settings, source.url)
    except SourceSettingsError as error:
        rule, _, why = str(error).removeprefix(f"sources.{name}.rules.").partition(": ")
        return rule, f"{rule}: {why}"
    return None


def check_references(pipelines: Pipelines, marked: Marked) -> list[Finding]:
    """Findings C020–C029; the tree is already well-formed."""
    findings: list[Finding] = []

    def say(id_: str, path: Path_, message: str, hint: str, severity: str = "error") -> None:
        file, line = marked.where(path)
        key = ".".join(str(part) for part in path)
        findings.append(Finding(id=id_, severity=severity, file=file, line=line, key=key, message=message, hint=hint))  # type: ignore[arg-type]

    def known(name: str, names: Collection[str], id_: str, path: Path_, what: str) -> None:
        if name in names:
            return
        near = difflib.get_close_matches(name, list(names), n=1)
        say(id_, path, f"{what} '{name}' is not defined", f"did you mean {near[0]}?" if near else f"add it to `{what}s`")

    def too_short(word: str, path: Path_) -> None:
        if len(word) < 2:
            say(
                "C031",
                path,
                f"the word '{word}' has fewer than two characters",
                "it would stand in half of all texts; give it context: 被偷",
            )

    units = [unit.name for unit in pipelines.units]
    for index, name in enumerate(units):
        if name in units[:index]:
            say("C020", ("units", index), f"unit '{name}' stands twice", "remove one of them")
    for index, unit in enumerate(pipelines.units):
        if unit.town and pipelines.towns:
            known(unit.town, pipelines.towns, "C022", ("units", index, "town"), "town")
    for index, rule in enumerate(pipelines.departments):
        known(rule.unit, units, "C020", ("departments", index, "unit"), "unit")
        if rule.topic:
            known(rule.topic, pipelines.topics, "C021", ("departments", index, "topic"), "topic")
        if not rule.topic and not rule.words:
            say("C026", ("departments", index), "has neither topic nor words", "it would take every post; add one of them")
        for word in rule.words:
            too_short(word, ("departments", index, "words"))
    for raised, words in pipelines.judge.levels.items():
        if raised not in ("1", "2", "3"):
            say("C013", ("judge", "levels", raised), f"'{raised}' is not a level that words can raise to", "write 1, 2 or 3")
        for word in words:
            too_short(word, ("judge", "levels", raised))
    for name, source in pipelines.sources.items():
        for uid, unit_name in source.official.items():
            known(unit_name, units, "C020", ("sources", name, "official", uid), "unit")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", source.site or name):
            say("C027", ("sources", name), "is not usable as a site key", "use small letters, digits and hyphens: linhai-bbs")
        if source.engine == "selectors":
            wrong = _wrong_rule(name, source)
            if wrong:
                where = ("sources", name, "rules", wrong[0]) if source.rules else ("sources", name)
                say("C032", where, wrong[1], "docs/guide/add-a-forum.md; try it with `huiying crawl NAME --try URL`")
    if _FORBIDDEN_AGENT.search(pipelines.crawl.user_agent):
        say(
            "C028",
            ("crawl", "user_agent"),
            "holds a word that switches forums to another page",
            "leave out bot, crawl, spider, sed, nec, mot",
        )

    channels = type(pipelines.channels).model_fields
    served: dict[Level, str] = {}
    for name, ladder in pipelines.ladders.items():
        for level in ladder.levels:
            if level in served:
                say(
                    "C024",
                    ("ladders", name, "levels"),
                    f"level {level.value} already has the ladder '{served[level]}'",
                    "name each level once",
                )
            served[level] = name
        last = None
        for index, rung in enumerate(ladder.rungs):
            if last is not None and rung.after <= last:
                say(
                    "C025",
                    ("ladders", name, "rungs", index, "after"),
                    "is not later than the rung before",
                    "write the rungs in order of time",
                )
            last = rung.after
            for channel in rung.channels:
                known(channel, channels, "C023", ("ladders", name, "rungs", index, "channels"), "channel")
    if pipelines.ladders:
        for level in Level:
            if level not in served:
                say("C024", ("ladders",), f"level {level.value} has no ladder", "add it to the `levels` of one", "warning")
    if pipelines.digest.send_at < pipelines.digest.draft_at:
        say("C029", ("digest", "send_at"), "is earlier than draft_at", "the issue is made before it is sent")
    return findings
