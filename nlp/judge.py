"""The judge: Text → Assessment, pure; see weights/MODEL_CARD.md for data and figures."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nlp.categories import Categories
from nlp.cues import CUE_CAP, CUES, cue_hits
from nlp.departments import department, unit_groups
from nlp.grams import Batch, Grams
from nlp.levels import level_by_rules, level_groups
from nlp.lexicon import Hit, Lexicon
from nlp.model import Model
from nlp.places import Gazetteer, Whereabouts
from nlp.reading import clean_all, clean_with_offsets, full_text
from nlp.reasons import cue_reasons, span_reasons, spans, unit_weights
from nlp.replies import HARMLESS, HARMLESS_TITLE, REPLY_FEATURES, reply_features
from nlp.settings import JudgeSettings
from store.records import Assessment, Category, Level, PlaceMention, Reason, Text

BATCH = 512
#: replies that say nothing of their own
_EMPTY_REPLIES_WORDS = """
    顶 顶顶 顶一下 帮顶 沙发 板凳 同问 同求 +1 1 0 路过 围观 支持 哈哈 哈哈哈 呵呵 mark dd 收藏 关注 坐等 吃瓜 打卡 好的
    谢谢 签到
"""
_EMPTY_REPLIES = frozenset(_EMPTY_REPLIES_WORDS.split())
#: cues of texts that may speak of danger without reporting one
_CALM = frozenset(("news", "official", "reply", "notice", "campaign", "done", "chat", "trade", "praise", "solved"))
#: who speaks like this asks for something, wherever the matter lies
_OWN_VOICE = frozenset(("request", "office", "question", "self"))
#: so far below the threshold, inside the band, stands what people should look at
_LOOK_BY_HAND = 0.1
#: thanks that open a title or close a text, and the cues of those who ask or complain beside their thanks (or thank in irony)
_THANKS = re.compile(
    r"^(?:感谢|谢谢|多谢|表扬|致谢|感恩|好样的|[给为].{1,12}点个?赞)"
    r"|(?:说声谢谢|道声谢|特来表扬|特此表扬|特来感谢|谢谢你们?|[，,]感[激谢])[。！!]?(?:$| )"
)
_BUT = re.compile(r"但|可是|不过|只是|就是|却|顺便|还没|[？?]")
_ASKS = CUES.keys() & {"request", "question", "overdue", "ignored", "again", "broken", "nuisance", "harm", "danger", "rumour", "suggest"}


class _Title(NamedTuple):
    """What the title of its thread tells about a reply."""

    score: float
    hits: list[Hit]


class Judge:
    """Judges posts; holds tables only, no state, so one judge may serve many threads."""

    def __init__(self, model: Model, settings: JudgeSettings) -> None:
        self.model = model
        self.settings = settings
        self.version = model.version
        self._grams = Grams(model.normaliser)
        self._gazetteer = Gazetteer(settings.county, settings.gazetteer)
        self._lexicon = Lexicon(
            self._grams,
            {**CUES, **level_groups(dict(settings.level_words)), **unit_groups(settings.keyword_units), **self._gazetteer.groups()},
        )
        self._categories = Categories(model.categories)
        self._unit_order = {unit: number for number, (unit, _words) in enumerate(settings.keyword_units)}
        self._threshold = settings.threshold if settings.threshold is not None else model.threshold

    @classmethod
    def load(cls, settings: JudgeSettings | None = None, weights_dir: Path | None = None) -> Judge:
        """The judge of a weights folder (default: shipped). Raises WeightsError."""
        return cls(Model.load(weights_dir), settings or JudgeSettings())

    def assess(self, texts: Sequence[Text]) -> list[Assessment]:
        """One assessment for each text, in order; a text alone gets the very same as in a batch."""
        found: list[Assessment] = []
        for begin in range(0, len(texts), BATCH):
            found += self._chunk(texts[begin : begin + BATCH], explain=False)
        return found

    def explain(self, text: Text) -> Assessment:
        """The assessment with reasons and places, also when it is not flagged."""
        return self._chunk([text], explain=True)[0]

    def _chunk(self, texts: Sequence[Text], *, explain: bool) -> list[Assessment]:
        cleaned = clean_all([full_text(text.title, text.body) for text in texts])
        replies = [number for number, text in enumerate(texts) if not text.title.strip() and text.thread_title.strip()]
        batch = self._grams.batch(cleaned + clean_all([texts[number].thread_title for number in replies]))
        scores = self._scores(batch)
        hits: list[list[Hit]] = [[] for _ in scores]
        for hit in self._lexicon.find(batch):
            hits[hit.post].append(hit)
        share = self.settings.thread_title_share
        titles: dict[int, _Title] = {}
        for row, number in enumerate(replies, start=len(texts)):
            titles[number] = _Title(self._score(scores[row], _cue_counts(hits[row])), hits[row])
            for column in range(1, len(scores[row])):
                scores[number][column] += share * scores[row][column]
        # at least two Chinese characters, and a tenth of a long text
        readable = ((batch.chinese >= 2) & (batch.chinese * 20 >= batch.sizes)).tolist()
        return [self._assessed(text, cleaned[i], scores[i], hits[i], titles.get(i), readable[i], explain) for i, text in enumerate(texts)]

    def _scores(self, batch: Batch) -> list[list[float]]:
        """Per post: needs-response score without cues, then topic scores, all divided by √n."""
        sums = self.model.sums(batch).astype(np.float64)
        scores: list[list[float]] = (sums * self.model.scales / np.sqrt(batch.sizes.astype(np.float64))[:, None]).tolist()
        return scores

    def _score(self, scores: list[float], cues: dict[str, int]) -> float:
        """Score of needs-response, cues included."""
        return scores[0] + self.model.bias + sum(self.model.cue_weights[group] * count for group, count in cues.items())

    def _reply_logit(self, cleaned: str, score: float, title: float, threshold: float) -> float:
        """Logit of a reply, moved so that its own stricter threshold falls on that of its board."""
        numbers = reply_features(cleaned, score, title)
        weights = self.model.reply_weights
        own = self.model.reply_bias + sum(weights[name] * number for name, number in zip(REPLY_FEATURES, numbers, strict=True))
        return own - (HARMLESS_TITLE if title < HARMLESS else 0.0) + _logit(threshold)

    def _assessed(
        self, text: Text, cleaned: str, scores: list[float], hits: list[Hit], title: _Title | None, readable: bool, explain: bool
    ) -> Assessment:
        model, settings = self.model, self.settings
        cues = _cue_counts(hits)
        score = self._score(scores, cues)
        threshold = settings.board_thresholds.get(text.board, self._threshold)
        where = self._gazetteer.resolve(hits)
        about = hits
        if title is not None:
            logit = self._reply_logit(cleaned, score, title.score, threshold)
            about = [*hits, *title.hits]
        else:
            logit = model.slope * score + model.offset
        if where.elsewhere and settings.elsewhere_penalty:
            logit -= settings.elsewhere_penalty * (0.0 if _OWN_VOICE & cues.keys() else 1.0)
        if not readable or cleaned.strip("！!。.~？? ") in _EMPTY_REPLIES:
            logit = min(logit, -3.0)
        elif cues.keys().isdisjoint(_CALM) and level_by_rules(hits, True)[0] <= Level.II:
            # words of danger without the register of news, office or chat: never below the band that people look through
            logit = max(logit, _logit(max(threshold - _LOOK_BY_HAND, 0.01)))
        elif cues.keys().isdisjoint(_ASKS) and _THANKS.search(cleaned) and not _BUT.search(cleaned):
            # nothing but thanks is no request; people may look, for irony has no words of its own
            logit = min(logit, _logit(max(threshold - _LOOK_BY_HAND, 0.01)))
        probability = _logistic(logit)
        flag = probability >= threshold
        topics, topic = self._topic(scores[1 : 2 + len(model.topics)])
        if not readable:
            topic = ""
        level, level_probability, level_hit = level_by_rules(hits, flag)
        kinds = self._kinds(scores[2 + len(model.topics) :], cues)
        category = self._categories.of(kinds, flag, where.elsewhere) if readable else Category.OTHER
        reasons: tuple[Reason, ...] = ()
        if flag or explain:
            reasons = self._reasons(text, hits, cues, level_hit, where)
        return Assessment(
            id=text.id,
            needs_response=probability,
            threshold=threshold,
            flag=flag,
            unsure=abs(probability - threshold) < settings.band,
            category=category,
            topic=topic,
            topics=topics,
            department=department(about, topic, settings.topic_units, self._unit_order) if flag or explain else "",
            level=level,
            level_probability=level_probability,
            places=(where.places or self._places_of(title)) if flag or explain else (),
            reasons=reasons,
            model=self.version,
        )

    def _places_of(self, title: _Title | None) -> tuple[PlaceMention, ...]:
        """Where a thread lies by its title: so do its replies that name no place."""
        return self._gazetteer.resolve(title.hits).places if title else ()

    def _topic(self, scores: list[float]) -> tuple[dict[str, float], str]:
        """Probabilities of the topics, and the likeliest ("" when none of them is)."""
        model = self.model
        logits = [model.topic_slope * score + offset for score, offset in zip(scores, model.topic_offsets, strict=True)]
        top = max(logits)
        powers = [math.exp(logit - top) for logit in logits]
        total = math.fsum(powers)
        shares = {name: round(power / total, 4) for name, power in zip(model.topics, powers, strict=False)}
        best = logits.index(top)
        return shares, model.topics[best] if best < len(model.topics) else ""

    def _kinds(self, scores: list[float], cues: dict[str, int]) -> list[float]:
        """Scores of the categories, cues included."""
        totals = [score + bias for score, bias in zip(scores, self.model.category_bias, strict=True)]
        for group, count in cues.items():
            for column, weight in enumerate(self.model.category_cues[group]):
                totals[column] += weight * count
        return totals

    def _reasons(self, text: Text, hits: list[Hit], cues: dict[str, int], level_hit: Hit | None, where: Whereabouts) -> tuple[Reason, ...]:
        model, most = self.model, self.settings.reasons
        original = full_text(text.title, text.body)
        cleaned, offsets = clean_with_offsets(original)
        if not cleaned:
            return ()
        batch = self._grams.batch([cleaned])
        shown = batch.text[1:-1]
        scale = float(model.scales[0]) * model.slope / math.sqrt(float(batch.sizes[0]))
        found = spans(shown, unit_weights(batch, model.weights[:, 0], scale), most)
        weights = {group: model.cue_weights[group] * model.slope * count for group, count in cues.items()}
        reasons = cue_reasons(original, shown, offsets, cue_hits(hits), weights) + span_reasons(original, offsets, found)
        reasons.sort(key=lambda reason: -abs(reason.weight))
        del reasons[most:]
        if level_hit:
            begin, stop = offsets[level_hit.offset], offsets[level_hit.offset + len(level_hit.word) - 1] + 1
            level = Level(int(level_hit.group.removeprefix("level")))
            name = "ⅠⅡⅢⅣ"[level - 1]
            reasons.append(Reason(text=f"级别按规则{name}：「{original[begin:stop]}」", weight=1.0, about="level", start=begin, end=stop))
        if where.elsewhere:
            reasons.append(Reason(text=f"提到外地：{'、'.join(where.others[:3])}", weight=-self.settings.elsewhere_penalty, about="place"))
        return tuple(reasons)


def _cue_counts(hits: Sequence[Hit]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for hit in cue_hits(hits):
        if counts.get(hit.group, 0) < CUE_CAP:
            counts[hit.group] = counts.get(hit.group, 0) + 1
    return counts


def _logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


def _logistic(logit: float) -> float:
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    power = math.exp(logit)
    return power / (1.0 + power)
