"""What this home learned from its own triage: kept under `models/` of the home, chosen by one small file, rolled back by another choice.

A learned model is thresholds and one offset over the shipped weights, never weights:

    models/<id>/settings.json   what was learned, from how many decisions of whom, and how it compared on held-out ones
    models/in-use               id of the model in use; absent = the shipped one
    models/history.jsonl        every switch: at, use, was
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiying.home import HomeError
from store.clock import SHANGHAI, iso

if TYPE_CHECKING:
    from huiying.app import App
    from huiying.config import Pipelines
    from nlp.evaluation.correction import Decision
    from nlp.judge import Judge
    from nlp.model import Model
    from nlp.settings import JudgeSettings

log = logging.getLogger(__name__)

SHIPPED = "shipped"
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")


class UnknownModel(ValueError):
    """No such model in this home; the text lists those there are."""


class NotEnough(ValueError):
    """Too few decisions of one kind to learn from; the text says how many are missing."""

    def __init__(self, positives: int, negatives: int, least: int) -> None:
        self.positives, self.negatives, self.least = positives, negatives, least
        missing = [
            f"{name}还差 {least - count} 条（现有 {count}）"
            for name, count in (("确认的", positives), ("不需回应的", negatives))
            if count < least
        ]
        super().__init__(f"研判决定还不够学：{'，'.join(missing)}；两类各要 {least} 条，跟帖的不算。照常研判，够了再来")

    def row(self) -> dict[str, Any]:
        missing = {"positives": max(0, self.least - self.positives), "negatives": max(0, self.least - self.negatives)}
        return {"id": None, "promoted": False, "positives": self.positives, "negatives": self.negatives, "missing": missing}


@dataclass(frozen=True, kw_only=True)
class LearnedSettings:
    """What a home learned over the shipped weights of version `weights`."""

    id: str
    weights: str
    made_at: str
    #: logits added to the shipped score, and thresholds of the probability so corrected
    offset: float
    threshold: float
    board_thresholds: dict[str, float]
    #: "positives", "negatives", "since", "until", "by" (person → decisions), "replies" (decisions that no threshold can follow)
    labels: dict[str, Any] = field(default_factory=dict)
    #: rows of the comparison on held-out decisions, by board, the total last
    held_out: list[dict[str, Any]] = field(default_factory=list)
    #: model it was compared with, and whether it was better
    against: str = SHIPPED
    better: bool = False


@dataclass(frozen=True, kw_only=True)
class TrainingReport:
    """What `huiying train` found: rows by board with the total last, facts of the new model, one sentence."""

    learned: LearnedSettings
    rows: list[dict[str, Any]]
    promoted: bool
    verdict: str

    @property
    def facts(self) -> dict[str, Any]:
        kept = {name: value for name, value in asdict(self.learned).items() if name not in ("held_out", "better")}
        return {**kept, "promoted": self.promoted}


def in_use_id(home: Path) -> str:
    """Id of the model in use, "shipped" when none was chosen."""
    try:
        return (home / "models" / "in-use").read_text(encoding="utf-8", errors="replace").strip() or SHIPPED
    except FileNotFoundError:
        return SHIPPED


def in_use(home: Path) -> LearnedSettings | None:
    """The learned settings in use; None = the shipped judge as it is. Raises HomeError when they cannot be read."""
    chosen = in_use_id(home)
    return None if chosen == SHIPPED else read(home, chosen)


def read(home: Path, chosen: str) -> LearnedSettings:
    """The learned settings of one id. Raises HomeError."""
    path = home / "models" / chosen / "settings.json"
    if not _ID.fullmatch(chosen):
        raise HomeError(f"{home / 'models' / 'in-use'}: {chosen!r} is no id of a model; go back with: huiying models --use shipped")
    try:
        return _read_settings(json.loads(path.read_text(encoding="utf-8")), chosen)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HomeError(f"{path}: cannot be read ({error}); go back with: huiying models --use shipped") from error


def _read_settings(row: dict[str, Any], chosen: str) -> LearnedSettings:
    boards = {str(board): _share(value) for board, value in row["board_thresholds"].items()}
    offset = float(row["offset"])
    if not -10 <= offset <= 10:
        raise ValueError(f"offset {offset} is outside −10…10")
    return LearnedSettings(
        id=chosen,
        weights=str(row["weights"]),
        made_at=str(row["made_at"]),
        offset=offset,
        threshold=_share(row["threshold"]),
        board_thresholds=boards,
        labels=dict(row.get("labels", {})),
        held_out=list(row.get("held_out", [])),
        against=str(row.get("against", SHIPPED)),
        better=bool(row.get("better", False)),
    )


def _share(value: Any) -> float:
    if not 0 <= (number := float(value)) <= 1:
        raise ValueError(f"threshold {number} is outside 0…1")
    return number


def settings_with(settings: JudgeSettings, learned: LearnedSettings) -> JudgeSettings:
    """The configured settings with the learned thresholds where the configuration writes none: what a person wrote stands."""
    return replace(
        settings,
        threshold=learned.threshold if settings.threshold is None else settings.threshold,
        board_thresholds=(learned.board_thresholds if settings.threshold is None else {}) | dict(settings.board_thresholds),
    )


def judge_with(model: Model, settings: JudgeSettings, learned: LearnedSettings | None) -> Judge:
    """The judge of these weights, corrected; its assessments carry `<weights>+<id>`."""
    from nlp.judge import Judge

    if learned is None:
        return Judge(model, settings)
    if learned.weights != model.version:
        log.warning(
            "model %s was learned over weights %s, here are %s: not used; run huiying train", learned.id, learned.weights, model.version
        )
        return Judge(model, settings)
    corrected = replace(model, version=f"{model.version}+{learned.id}", offset=model.offset + learned.offset)
    return Judge(corrected, settings_with(settings, learned))


def chosen_judge(pipelines: Pipelines, config_dir: Path, home: Path) -> Judge:
    """The judge in force in this home; learned settings that cannot be read are left aside and logged, since judging must go on."""
    from huiying.wire import judge_settings
    from nlp.model import Model

    try:
        learned = in_use(home)
    except HomeError as error:
        log.error("%s; judging with the shipped model", error)  # noqa: TRY400 - the sentence says all
        learned = None
    return judge_with(Model.load(), judge_settings(pipelines, config_dir), learned)


def use(home: Path, chosen: str, *, at: datetime) -> str:
    """Choose a model for the judgements to come; returns the one used before. Raises UnknownModel, HomeError."""
    if chosen != SHIPPED:
        if chosen not in ids(home):
            raise UnknownModel(f"没有模型「{chosen}」；可选 {'、'.join([SHIPPED, *ids(home)])}")
        read(home, chosen)
    before = in_use_id(home)
    folder = _folder(home)
    if chosen != before:
        with (folder / "history.jsonl").open("a", encoding="utf-8") as history:
            history.write(json.dumps({"at": iso(at), "use": chosen, "was": before}) + "\n")
    _write(folder / "in-use", chosen + "\n")
    return before


def ids(home: Path) -> list[str]:
    """Ids of the home's models, the oldest first."""
    return sorted(path.parent.name for path in (home / "models").glob("*/settings.json") if _ID.fullmatch(path.parent.name))


def decisions() -> Iterator[Decision]:
    """Each post that triage confirmed or dismissed, as it was decided last, with the text as it stands now."""
    from alerts.models import Label
    from huiying.in_force import text_of
    from nlp.evaluation.correction import Decision

    last = {row.post_id: row for row in Label.objects.filter(field="needs_response").select_related("post").order_by("at", "pk")}
    for row in last.values():
        yield Decision(text=text_of(row.post), label=int(row.decided == "yes"), at=row.at, by=row.by)


def learn(app: App) -> TrainingReport:
    """Fit on the earlier decisions of each board, compare on the later ones, use what is better. Raises NotEnough."""
    from huiying.wire import judge_settings
    from nlp.evaluation import correction
    from nlp.model import Model

    every = sorted(decisions(), key=lambda each: (each.at, each.text.id))
    made = [each for each in every if not each.reply]
    positives = sum(each.label for each in made)
    negatives = len(made) - positives
    if min(positives, negatives) < correction.LEAST:
        raise NotEnough(positives, negatives, correction.LEAST)
    model, settings = Model.load(), judge_settings(app.pipelines, app.config_dir)
    learn_from, held_out = correction.split(made)
    shipped = judge_with(model, settings, None)
    standing = model.threshold if settings.threshold is None else settings.threshold
    fitted = correction.fit(shipped, learn_from, standing)
    was = in_use_id(app.home)
    draft = LearnedSettings(
        id="",
        weights=model.version,
        made_at=iso(app.clock.now()) or "",
        offset=fitted.offset,
        threshold=standing if fitted.threshold is None else fitted.threshold,
        board_thresholds=fitted.board_thresholds,
        labels={**_labels_row(made), "replies": len(every) - len(made)},
        against=was,
    )
    draft = replace(draft, id=_id(draft, app.clock.now()))
    before = chosen_judge(app.pipelines, app.config_dir, app.home)
    rows = correction.compare(before, judge_with(model, settings, draft), held_out)
    learned = replace(draft, held_out=rows, better=correction.better(rows[-1]))
    if learned.id not in ids(app.home):
        folder = _folder(app.home) / learned.id
        folder.mkdir(exist_ok=True, mode=0o700)
        _write(folder / "settings.json", json.dumps(asdict(learned), ensure_ascii=False, indent=1) + "\n")
    if learned.id == was:
        verdict = f"学得的与在用的 {was} 相同，没有换"
    elif learned.better:
        use(app.home, learned.id, at=app.clock.now())
        verdict = f"留出的决定上更好，已启用 {learned.id}；退回：huiying models --use {was}"
    else:
        verdict = f"留出的决定上不比 {was} 好（须对数损失更低、F1 不低、确认的帖少漏），没有启用；仍要用：huiying models --use {learned.id}"
    return TrainingReport(learned=learned, rows=rows, promoted=learned.better and learned.id != was, verdict=verdict)


def models_rows(app: App) -> list[dict[str, Any]]:
    """The shipped model and the home's, with figures on held-out decisions; a model that cannot be read says so."""
    from huiying.wire import judge_settings
    from nlp.model import Model

    model, settings = Model.load(), judge_settings(app.pipelines, app.config_dir)
    chosen, written = in_use_id(app.home), settings.threshold is not None
    readable: list[LearnedSettings] = []
    broken: list[str] = []
    for name in ids(app.home):
        try:
            readable.append(read(app.home, name))
        except HomeError:
            broken.append(name)
    readable.sort(key=lambda one: one.made_at)
    against = next((one.held_out[-1] for one in reversed(readable) if one.against == SHIPPED and one.held_out), {})
    stands = chosen if any(one.id == chosen and one.weights == model.version for one in readable) else SHIPPED
    rows: list[dict[str, Any]] = [
        {
            **_figures_row(SHIPPED, against, suffix="_before"),
            "in_use": stands == SHIPPED,
            "weights": model.version,
            "threshold": round(model.threshold if settings.threshold is None else settings.threshold, 4),
            "note": "" if stands == chosen else f"在用的 {chosen} 读不了或权重已换，暂用出厂；请重训或 huiying models --use shipped",
        }
    ]
    for one in readable:
        notes = [] if one.better else [f"留出的决定上不比 {one.against} 好"]
        notes += [] if one.weights == model.version else ["出厂权重已换，不再适用，请重训"]
        notes += ["配置里写了门槛，以配置为准"] if written else []
        rows.append(
            {
                **_figures_row(one.id, one.held_out[-1] if one.held_out else {}),
                "in_use": one.id == stands,
                "weights": one.weights,
                "made_at": one.made_at,
                "labels": one.labels.get("positives", 0) + one.labels.get("negatives", 0),
                "threshold": one.threshold,
                "board_thresholds": one.board_thresholds,
                "offset": one.offset,
                "against": one.against,
                "better": one.better,
                "note": "；".join(notes),
            }
        )
    return rows + [{**_figures_row(name, {}), "note": "settings.json 读不了，可删去这个文件夹"} for name in broken]


def _figures_row(name: str, total: dict[str, Any], suffix: str = "") -> dict[str, Any]:
    figures = {key: total.get(key + suffix) for key in ("log_loss", "precision", "recall", "f1")}
    return {"id": name, "in_use": False, "made_at": None, "labels": None, "offset": None, "held_out": total.get("n"), **figures}


def _labels_row(made: Sequence[Decision]) -> dict[str, Any]:
    positives = sum(each.label for each in made)
    return {
        "positives": positives,
        "negatives": len(made) - positives,
        "since": iso(made[0].at),
        "until": iso(made[-1].at),
        "by": dict(sorted(Counter(each.by for each in made).items())),
    }


def _id(draft: LearnedSettings, now: datetime) -> str:
    """Day and six digits of what was learned: the same decisions give the same name."""
    learned = json.dumps([draft.weights, draft.offset, draft.threshold, draft.board_thresholds], sort_keys=True)
    return f"{now.astimezone(SHANGHAI):%Y%m%d}-{sha256(learned.encode()).hexdigest()[:6]}"


def _folder(home: Path) -> Path:
    folder = home / "models"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _write(path: Path, content: str) -> None:
    """Replaced as a whole: a reader sees the old or the new, never half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
