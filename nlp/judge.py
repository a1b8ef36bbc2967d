"""The judge: Text → Assessment, pure; see weights/MODEL_CARD.md for data and figures."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nlp.cues import ANCHORS, CUE_GROUPS, CUES, cue_hits, cue_table
from nlp.departments import department, unit_groups
from nlp.grams import Batch, Grams
from nlp.heads import Bools, Floats, Heads, logistic
from nlp.judged import Because, Judged, Readable, Told
from nlp.levels import LEVEL_GROUPS, level_groups, level_of
from nlp.lexicon import Hit, Hits, Lexicon
from nlp.model import Model
from nlp.places import ELSEWHERE, Gazetteer, Whereabouts
from nlp.reading import full_text, offsets_of, own_words
from nlp.reasons import running_sums, spans, strongest
from nlp.replies import HARMLESS, HARMLESS_TITLE, ONLY_A_WISH, ReplyMachine
from nlp.second_reader import Spoken, Turn
from nlp.settings import JudgeSettings
from store.records import Assessment, Category, Level, Text

#: at most so many posts are judged together, and no more once they hold so many characters: what a batch costs however small is shared,
#: and what is computed of it still fits the caches
BATCH, BATCH_CHARACTERS = 2_048, 65_536
#: replies that say nothing of their own
_EMPTY_REPLIES_WORDS = """
    顶 顶顶 顶一下 帮顶 沙发 板凳 同问 同求 +1 1 0 路过 围观 支持 哈哈 哈哈哈 呵呵 mark dd 收藏 关注 坐等 吃瓜 打卡 好的
    谢谢 签到
"""
_EMPTY_REPLIES = frozenset(_EMPTY_REPLIES_WORDS.split())
#: what may close an empty reply
_TAIL = "！!。.~？? "


def _columns(*groups: str) -> tuple[int, ...]:
    """Where these cues stand in a table of them."""
    return tuple(CUE_GROUPS.index(group) for group in groups)


#: cues of texts that may speak of danger without reporting one
_CALM = _columns("news", "official", "reply", "notice", "campaign", "done", "chat", "trade", "praise", "solved")
#: who speaks like this asks for something, wherever the matter lies
_OWN_VOICE = _columns("request", "office", "question", "self")
#: so far below the threshold, inside the band, stands what people should look at
_LOOK_BY_HAND = 0.1
#: a repost is judged as a whole, or by this share of what its last writer says himself, whichever is more: an office's notice that is
#: passed on with a complaint pulls the whole to a notice, and a complaint passed on with a sigh is one
_OWN_WORDS = 0.7
#: thanks that open a title or close a text, and the cues of those who ask or complain beside their thanks (or thank in irony)
_THANKS = re.compile(
    r"^(?:感谢|谢谢|多谢|表扬|致谢|感恩|好样的|[给为].{1,12}点个?赞)"
    r"|(?:说声谢谢|道声谢|特来表扬|特此表扬|特来感谢|谢谢你们?|[，,]感[激谢])[。！!]?(?:$| )"
)
#: each of the thanks above holds one of these
_THANKFUL = "谢扬恩样赞激"
_BUT = re.compile(r"但|可是|不过|只是|就是|却|顺便|还没|[？?]")
_ASKS = _columns("request", "question", "overdue", "ignored", "again", "broken", "nuisance", "harm", "danger", "rumour", "suggest")


def batches(lengths: Sequence[int]) -> Iterator[slice]:
    """Which of the posts of so many characters are best judged together."""
    begin, characters = 0, 0
    for number, length in enumerate(lengths, start=1):
        characters += length
        if number - begin >= BATCH or characters >= BATCH_CHARACTERS:
            yield slice(begin, number)
            begin, characters = number, 0
    if begin < len(lengths):
        yield slice(begin, len(lengths))


class _Read(NamedTuple):
    """A batch as it was read: one row for each text, behind them one for the thread's title of each reply and one for the own words of
    each repost."""

    texts: Sequence[Readable]
    cleaned: list[str]
    #: row of a reply → row of its title
    titles: dict[int, int]
    #: row of a repost → row of its own words
    own: dict[int, int]
    batch: Batch
    hits: Hits
    #: how often each group of CUE_GROUPS stands in each row, CUE_CAP at most
    cues: Floats
    #: of the texts alone: at least two Chinese characters, and a tenth of a long text
    readable: list[bool]


class Judge:
    """Judges posts; holds tables only, no state, so one judge may serve many threads."""

    def __init__(self, model: Model, settings: JudgeSettings) -> None:
        self.model = model
        self.settings = settings
        self.version = model.version
        self.grams = Grams(model.normaliser)
        self._gazetteer = Gazetteer(settings.county, settings.gazetteer)
        self.lexicon = Lexicon(
            self.grams,
            {**CUES, **level_groups(dict(settings.level_words)), **unit_groups(settings.keyword_units), **self._gazetteer.groups()},
            ANCHORS,
        )
        self.heads = Heads(model)
        #: what half a unit of needs_response is in logits × √n, what a cue is in logits
        self._response_scale = float(model.scales[0]) * model.slope / 2.0
        self._cue_logits = np.asarray([model.cue_weights.get(group, 0.0) * model.slope for group in CUE_GROUPS])
        self._replies = ReplyMachine(model.reply_weights, model.reply_bias)
        self._unit_order = {unit: number for number, (unit, _words) in enumerate(settings.keyword_units)}
        self._threshold = settings.threshold if settings.threshold is not None else model.threshold
        self._dire = self._groups(group for group, level in LEVEL_GROUPS.items() if level <= Level.II)
        self._elsewhere = self._groups((ELSEWHERE,))
        self._thankful = np.zeros(65_536, dtype=bool)
        self._thankful[[ord(character) for character in _THANKFUL]] = True

    def _groups(self, names: Iterable[str]) -> Bools:
        """bool[groups of the lexicon]: which of them are named."""
        wanted = set(names)
        return np.asarray([group in wanted for group in self.lexicon.groups])

    @classmethod
    def load(cls, settings: JudgeSettings | None = None, weights_dir: Path | None = None) -> Judge:
        """The judge of a weights folder (default: shipped). Raises WeightsError."""
        return cls(Model.load(weights_dir), settings or JudgeSettings())

    def assess(self, texts: Sequence[Text], second: Turn | None = None) -> list[Assessment]:
        """One assessment for each text, in order; a text alone gets the very same as in a batch. `second` reads the doubtful again."""
        found: list[Assessment] = []
        for batch in batches([len(text.title) + len(text.body) for text in texts]):
            chunk = texts[batch]
            found += self.judged(chunk, second=second).assessments(chunk, self.model.topics, self.version)
        return found

    def explain(self, text: Text, *, flagged: bool | None = None, second: Turn | None = None) -> Assessment:
        """The assessment with reasons and places, also when it is not flagged; `flagged` = what a person said of it against the judge."""
        return next(self.judged([text], explain=True, flagged=flagged, second=second).assessments([text], self.model.topics, self.version))

    def judged(
        self, texts: Sequence[Readable], *, explain: bool = False, flagged: bool | None = None, second: Turn | None = None
    ) -> Judged:
        """The columns of one batch of at least one text, BATCH at most for speed; with `explain` all is told of every text."""
        read, heads = self._read(texts), self.heads
        size = len(texts)
        scores = heads.scores(read.batch)
        shares = heads.cue_shares(read.cues)
        needs = heads.needs(scores, shares)
        if read.own:
            rows, own = list(read.own), list(read.own.values())
            needs[rows] = np.maximum(needs[rows], _OWN_WORDS * needs[own] + (1.0 - _OWN_WORDS) * needs[rows])
        thresholds = self._thresholds(read, needs)
        wheres = self._somewhere_else(read)
        logits, spoken = self._logits(read, needs, thresholds, wheres, second)
        probabilities = logistic(logits)
        limits = np.asarray(thresholds)
        flags = probabilities >= limits if flagged is None else np.full(size, flagged)
        if read.titles:
            rows, titles = list(read.titles), list(read.titles.values())
            scores[rows, 1:] += self.settings.thread_title_share * scores[titles, 1:]
        topics, best = heads.topics(scores[:size], read.batch.sizes[:size])
        kinds = heads.categories(scores[:size], shares[:size], flags)
        if not all(read.readable):
            for row, readable in enumerate(read.readable):
                if not readable:
                    best[row], kinds[row] = "", Category.OTHER
        for row, where in wheres.items():
            if where.elsewhere and read.readable[row] and not flags[row]:
                kinds[row] = Category.ELSEWHERE
        chosen = list(range(size)) if explain else flags.nonzero()[0].tolist()
        serious = heads.serious(scores[chosen], shares[chosen]).tolist() if chosen else []
        return Judged(
            probabilities=probabilities,
            thresholds=thresholds,
            flags=flags,
            unsure=np.abs(probabilities - limits) < self.settings.band,
            categories=kinds,
            topics=best,
            shares=topics,
            told=self._tell(read, chosen, flags, best, wheres, serious, spoken),
            spoken=spoken,
        )

    def _read(self, texts: Sequence[Readable]) -> _Read:
        replies = [row for row, text in enumerate(texts) if not text.title.strip() and text.thread_title.strip()]
        size = len(texts)
        own = {row: words for row, text in enumerate(texts) if "//" in text.body and (words := own_words(text.body))}
        more = [*(texts[row].thread_title for row in replies), *(full_text(texts[row].title, words) for row, words in own.items())]
        batch = self.grams.batch([*(full_text(text.title, text.body) for text in texts), *more])
        hits = self.lexicon.columns(batch)
        chinese = batch.chinese()[:size]
        return _Read(
            texts=texts,
            cleaned=batch.texts()[:size],
            titles={row: size + number for number, row in enumerate(replies)},
            own={row: size + len(replies) + number for number, row in enumerate(own)},
            batch=batch,
            hits=hits,
            cues=cue_table(hits, len(batch)),
            readable=(chinese * 20 >= np.maximum(batch.sizes[:size], 40)).tolist(),
        )

    def _thresholds(self, read: _Read, needs: Floats) -> list[float]:
        """Of a thread that of its board; of a reply the stricter one of replies, stricter again under a harmless title."""
        boards = self.settings.board_thresholds
        found = [boards.get(text.board, self._threshold) for text in read.texts] if boards else [self._threshold] * len(read.texts)
        for row, title in read.titles.items():
            strict = self.model.reply_threshold + (HARMLESS_TITLE if needs[title] < HARMLESS else 0.0)
            found[row] = 1.0 / (1.0 + math.exp(-strict))
        return found

    def _hits_of(self, read: _Read, rows: Sequence[int]) -> dict[int, list[Hit]]:
        """The hits of these rows."""
        found: dict[int, list[Hit]] = {row: [] for row in rows}
        if found:
            wanted = np.zeros(len(read.batch), dtype=bool)
            wanted[rows] = True
            for hit in self.lexicon.hits(read.batch, read.hits.where(wanted[read.hits.posts])):
                found[hit.post].append(hit)
        return found

    def _somewhere_else(self, read: _Read) -> dict[int, Whereabouts]:
        """Whereabouts of the texts that name another city."""
        rows = read.hits.posts_with(self._elsewhere)
        if not rows:
            return {}
        hits = self._hits_of(read, [row for row in rows if row < len(read.texts)])
        return {row: self._gazetteer.resolve(found) for row, found in hits.items()}

    def _logits(
        self, read: _Read, needs: Floats, thresholds: list[float], wheres: dict[int, Whereabouts], second: Turn | None
    ) -> tuple[Floats, dict[int, Spoken]]:
        """Logit of each text, after the rules, and what a second reader made of some before them."""
        model, cleaned, size = self.model, read.cleaned, len(read.texts)
        logits: Floats = model.slope * needs[:size] + model.offset
        if read.titles:
            rows, titles = list(read.titles), list(read.titles.values())
            logits[rows] = self._replies.logits([cleaned[row] for row in rows], needs[rows], needs[titles])
        empty = {
            row
            for row, (readable, text) in enumerate(zip(read.readable, cleaned, strict=True))
            if not readable or text.strip(_TAIL) in _EMPTY_REPLIES or (row in read.titles and ONLY_A_WISH.fullmatch(text.strip(_TAIL)))
        }
        spoken: dict[int, Spoken] = {}
        if second:
            whole = read.batch.texts() if read.titles else cleaned
            said = {row: whole[title] for row, title in read.titles.items()}
            spoken = second.read(cleaned, logits, np.asarray([_logit(one) for one in thresholds]), said, empty)
            for row, one in spoken.items():
                logits[row] = one.after
        for row, where in wheres.items():
            if where.elsewhere:
                logits[row] -= self._abroad(self._speaks(read, row, _OWN_VOICE))
        for row in empty:
            logits[row] = min(float(logits[row]), -3.0)
        dire = {row for row in read.hits.posts_with(self._dire) - empty if row < size and not self._speaks(read, row, _CALM)}
        for row in dire:
            # words of danger without the register of news, office or chat: never below the band that people look through
            logits[row] = max(float(logits[row]), _logit(max(thresholds[row] - _LOOK_BY_HAND, 0.01)))
        for row in read.batch.posts_with(self._thankful) - dire - empty:
            if row < size and not self._speaks(read, row, _ASKS) and _THANKS.search(cleaned[row]) and not _BUT.search(cleaned[row]):
                # nothing but thanks is no request; people may look, for irony has no words of its own
                logits[row] = min(float(logits[row]), _logit(max(thresholds[row] - _LOOK_BY_HAND, 0.01)))
        return logits, spoken

    @staticmethod
    def _speaks(read: _Read, row: int, manner: Sequence[int]) -> bool:
        """Whether the row holds any of these cues."""
        return bool(read.cues[row].take(manner).any())

    def _abroad(self, own_voice: bool) -> float:
        """Logits that naming another city takes: who asks may mean a body of ours, or be from here."""
        return self.settings.elsewhere_penalty * (0.5 if own_voice else 1.0)

    def _tell(
        self,
        read: _Read,
        rows: Sequence[int],
        flags: Bools,
        topics: list[str],
        wheres: dict[int, Whereabouts],
        serious: Sequence[float],
        spoken: dict[int, Spoken],
    ) -> dict[int, Told]:
        """Unit, level, places and reasons of these texts; `serious` in their order."""
        if not rows:
            return {}
        hits = self._hits_of(read, [*rows, *(read.titles[row] for row in rows if row in read.titles)])
        sums = running_sums(read.batch, self.model.response, rows)
        cue_logits = (read.cues[rows] * self._cue_logits).tolist()
        begins, text = read.batch.starts[rows].tolist(), read.batch.text()
        told: dict[int, Told] = {}
        for row, begin, totals, cues, grave in zip(rows, begins, sums, cue_logits, serious, strict=True):
            own = hits[row]
            title = hits[read.titles[row]] if row in read.titles else []
            level, level_probability, level_hit = level_of(own, bool(flags[row]), grave)
            where = wheres.get(row) or self._gazetteer.resolve(own)
            # where a thread lies by its title, there lie its replies that name no place
            places = where.places or (self._gazetteer.resolve(title).places if title else ())
            unit = department(own + title, topics[row], self.settings.topic_units, self._unit_order)
            shown = text[begin + 1 : begin + len(totals)]
            reasons = self._reasons(read, row, shown, totals, own, cues, (level, level_hit), where)
            if row in spoken:
                reasons += _second_opinion(spoken[row])
            told[row] = Told(unit, level, level_probability, places, reasons)
        return told

    def _reasons(
        self,
        read: _Read,
        row: int,
        shown: str,
        totals: list[int],
        hits: list[Hit],
        cues: list[float],
        told_level: tuple[Level, Hit | None],
        where: Whereabouts,
    ) -> tuple[Because, ...]:
        """Why; `shown` is the text as it was searched, `totals` its running sums, `cues` what each of CUE_GROUPS adds in logits."""
        if not shown:
            return ()
        original, most = full_text(read.texts[row].title, read.texts[row].body), self.settings.reasons
        offsets = offsets_of(original, read.cleaned[row], len(shown))
        found = spans(shown, totals, self._response_scale / math.sqrt(2.0 * len(totals)), most)
        reasons = strongest(original, shown, offsets, cue_hits(hits), cues, found, most)
        level, level_hit = told_level
        name = "ⅠⅡⅢⅣ"[level - 1]
        if level_hit:
            begin, stop = offsets[level_hit.offset], offsets[level_hit.offset + len(level_hit.word) - 1] + 1
            reasons.append(Because(f"级别按规则{name}：「{original[begin:stop]}」", 1.0, "level", begin, stop))
        elif level < Level.IV:
            reasons.append(Because(f"级别按全文判为{name}", 1.0, "level"))
        if where.elsewhere:
            taken = self._abroad(self._speaks(read, row, _OWN_VOICE))
            reasons.append(Because(f"提到外地：{'、'.join(where.others[:3])}", -taken, "place"))
        return tuple(reasons)


def _second_opinion(spoken: Spoken) -> tuple[Because, ...]:
    """The line that says what the second reader did; none where it moved nothing that one can see."""
    before, after = (f"{1.0 / (1.0 + math.exp(-logit)):.0%}" for logit in (spoken.before, spoken.after))
    return (Because(f"二读：{before} → {after}", spoken.after - spoken.before),) if before != after else ()


def _logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))
