"""The records that travel between the parts: frozen, keyword-only, aware UTC instants.

This module is the shared vocabulary. It imports no Django, so the page readers and the judge can use it.

    crawl  → Post, Observation
    judge  → Assessment (Reason)
    ledger → see alerts/models.py, which stores these enums as text
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import IntEnum, StrEnum


class NaiveInstantError(ValueError):
    """An instant has no offset; every instant in 回应 is aware."""


class Precision(StrEnum):
    """How exactly a forum told a time. The clock takes the earliest instant that the text allows."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    UNKNOWN = "unknown"


class PostKind(StrEnum):
    TOPIC = "topic"
    REPLY = "reply"


class Level(IntEnum):
    """Severity, 1 = 特大 … 4 = 网络诉求 (BN, 重庆巴南)."""

    I = 1  # noqa: E741 - the Roman numeral is the term of the field
    II = 2
    III = 3
    IV = 4


class Category(StrEnum):
    """What a post is. The first seven may need a response; the rest are the dismissal reasons."""

    COMPLAINT = "投诉"
    REPAIR = "报修"
    HELP = "求助"
    QUESTION = "咨询"
    SUGGESTION = "建言"
    RUMOUR = "传言"
    EMERGENCY = "突发"
    NEWS = "新闻、通知、宣传"
    TRADE = "买卖、招聘、广告"
    PRIVATE = "个人纠纷，未求助监管"
    CHAT = "闲聊、玩笑、游戏"
    PRAISE = "表扬，无请求"
    ELSEWHERE = "外地的事"
    OTHER = "其他"

    @property
    def positive(self) -> bool:
        """Whether this category calls for a response."""
        return self in POSITIVE_CATEGORIES


POSITIVE_CATEGORIES = frozenset(
    {
        Category.COMPLAINT,
        Category.REPAIR,
        Category.HELP,
        Category.QUESTION,
        Category.SUGGESTION,
        Category.RUMOUR,
        Category.EMERGENCY,
    }
)


class SourceState(StrEnum):
    """Health of a source or board, as `huiying sources` prints it."""

    OK = "ok"
    SLOW = "slow"
    SILENT = "silent"
    BLOCKED = "blocked"
    CHANGED = "changed"
    UNREACHABLE = "unreachable"
    LOGIN = "login"
    DISABLED = "disabled"
    STARTING = "starting"


#: class of a record → names of its fields that hold instants; the annotations are text here
_INSTANTS: dict[type, tuple[str, ...]] = {}


def _check_instants(record: object) -> None:
    kind = type(record)
    names = _INSTANTS.get(kind)
    if names is None:
        names = tuple(spec.name for spec in fields(kind) if "datetime" in str(spec.type))  # type: ignore[arg-type]
        _INSTANTS[kind] = names
    for name in names:
        moment = getattr(record, name)
        if isinstance(moment, datetime):
            if moment.tzinfo is None:
                raise NaiveInstantError(f"{kind.__name__}.{name}: {moment!r} has no offset")
            object.__setattr__(record, name, moment.astimezone(UTC))


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A thread's first post or a reply, as a page reader or an import saw it.

    Texts and author are raw here; `store.intake` masks numbers and replaces `uid` by a keyed pseudonym
    before anything reaches the disk.
    """

    #: site key of pipelines.yaml, e.g. ``linhai-bbs``
    site: str
    #: the platform's own id of the post, unique within the site
    pid: str
    #: the platform's thread id
    tid: str
    kind: PostKind
    #: board id on the platform, and its name as shown
    board: str = ""
    board_name: str = ""
    #: title of the post (a topic's title; empty for a reply)
    title: str = ""
    thread_title: str = ""
    body: str = ""
    #: the platform's user id ("" when anonymous) and shown name
    uid: str = ""
    author: str = ""
    #: floor as shown now; it may be renumbered, so never a key
    floor: int | None = None
    #: pid of the post it quotes
    quotes: str = ""
    #: earliest instant that the shown time allows
    posted_at: datetime
    precision: Precision = Precision.SECOND
    url: str = ""
    #: SHA-256 of the bytes of the page it was read from
    raw_sha256: str = ""
    #: the body could not be read (shielded, banned, deleted author)
    shielded: bool = False
    #: a part of it (hidden words, files) is not shown to guests: what was read is not the whole
    withheld: bool = False

    def __post_init__(self) -> None:
        _check_instants(self)

    @property
    def id(self) -> str:
        return f"{self.site}:{self.pid}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One fetch of a post or thread: what was seen then."""

    site: str
    pid: str
    seen_at: datetime
    replies: int | None = None
    views: int | None = None
    deleted: bool = False

    def __post_init__(self) -> None:
        _check_instants(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """A span or cue that spoke for (+) or against (−) a decision."""

    text: str
    weight: float
    #: what it argues about: "needs_response", "topic", "level", "place"
    about: str = "needs_response"
    #: character offsets in title+"\n"+body, (-1, -1) when it is not a span
    start: int = -1
    end: int = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceMention:
    """A place of the gazetteer found in a text."""

    name: str
    #: town or street it lies in ("" when only the county is known)
    town: str = ""
    code: str = ""
    text: str = ""
    probability: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """What the judge reads: one post, without anything about its author."""

    id: str
    title: str = ""
    body: str = ""
    board: str = ""
    thread_title: str = ""
    posted_at: datetime | None = None

    def __post_init__(self) -> None:
        _check_instants(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """The judgement of one post."""

    id: str
    #: calibrated probability 0…1 that a response is needed, and the threshold it was held against
    needs_response: float
    threshold: float
    flag: bool
    #: in the "look by hand" band around the threshold
    unsure: bool = False
    category: Category = Category.OTHER
    #: "" = none of the configured topics
    topic: str = ""
    topics: dict[str, float] = field(default_factory=dict)
    department: str = ""
    level: Level = Level.IV
    level_probability: float = 1.0
    places: tuple[PlaceMention, ...] = ()
    reasons: tuple[Reason, ...] = ()
    model: str = ""
