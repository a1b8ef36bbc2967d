"""The shape of pipelines.yaml: every key with its type, default and help (docs/reference/configuration.md is made from here)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from huiying.config.types import Duration, LevelNumber, Switch, Texts, TimeOfDay, Url
from store.records import Level

#: strictly between 0 and 1: a threshold of 0 or 1 would flag everything or nothing
Share = Annotated[float, Field(gt=0, lt=1)]
H = timedelta(hours=1)
M = timedelta(minutes=1)
S = timedelta(seconds=1)


class Section(BaseModel):
    """Unknown keys are errors; nothing is changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class County(Section):
    name: str = Field("临海", description="Short name of the county or city; it stands on pages and in messages.")
    aliases: tuple[str, ...] = Field(("临海市",), description="Other spellings by which a text names it.")
    gazetteer: str = Field(
        "", description="CSV file (code,name,town,kind) of towns and villages beside this file; empty: the shipped one of 临海."
    )


class Rules(Section):
    """Where things stand on the pages of a site without a reader of its own (`engine: selectors`)."""

    list: str = Field(
        "",
        description="Address of the list over all boards, newest replies first, below `url`: `latest[?page={page}]`; the part in brackets is left out for page 1; `{next}` in place of `{page}` where only the link to the next page tells it.",
    )
    board: str = Field("", description="Address of a board's list: `board/{board}[?page={page}]`.")
    thread: str = Field(
        "",
        description="Address of a thread: `t/{tid}[?page={page}]`; `{tid:n}` when only digits are the id (t/7-street-light); `{title}` where the site insists on words, taken over from links; `{skip:15}` in place of `{page}` where the address counts the posts before the page, here 15 a page. Needed.",
    )
    row: Texts = Field(
        (),
        description="Selector of a list's rows. All selectors: CSS or XPath, `::attr(href)` for an attribute, ` => REGEX` for a part of it; a list of them: the first that hits. Needed.",
    )
    link: Texts = Field((), description="In a row: the link to the thread. Needed.")
    title: Texts = Field((), description="In a row: the title; empty: the link's text.")
    row_author: Texts = Field((), description="In a row: who began the thread.")
    row_author_id: Texts = Field((), description="In a row: address or id of that person.")
    row_posted: Texts = Field((), description="In a row: when the thread was begun.")
    row_time: Texts = Field((), description="In a row: when the last reply was written.")
    replies: Texts = Field((), description="In a row: number of replies.")
    views: Texts = Field((), description="In a row: number of views.")
    sticky: Texts = Field((), description="In a row: what marks a thread that is pinned on top; its place says nothing about its age.")
    board_link: Texts = Field((), description="Link to a board, on the index and in a row; empty: every link of the form of `board`.")
    next: Texts = Field((), description="Link to the next page, there as long as there is one.")
    last: Texts = Field((), description="Number of, or links to, the last page.")
    empty: Texts = Field((), description="Element by which a list says that it holds nothing; without it an empty list is a failure.")
    post: Texts = Field((), description="Selector of a thread page's posts. Needed.")
    post_id: Texts = Field((), description='In a post: its id, unique within the site; `id="post-12"` reads as 12. Needed.')
    author: Texts = Field((), description="In a post: the author's name. Needed.")
    author_id: Texts = Field(
        (),
        description="In a post: address or id of the author; empty: the link at `author`. Where names may be digits and stand in the address too, say which number it is: `a.user::attr(href) => /(\\d+)/$`.",
    )
    time: Texts = Field((), description="In a post: when it was written; datetime and title attributes before the text. Needed.")
    body: Texts = Field((), description="In a post: its text. Needed.")
    shielded: Texts = Field(
        (), description="In a post: what says in the text's place that it was hidden or deleted; the post stays, without a text."
    )
    edited: Texts = Field((), description="In a post: when it was edited last.")
    floor: Texts = Field((), description="In a post: its number as shown.")
    quoted: Texts = Field((), description="In a post: id of the post it quotes.")
    strip: Texts = Field(("blockquote",), description="In a body: what is not the author's own (quotes, signatures); of a list all.")
    subject: Texts = Field((), description="The thread's title on its page; empty: the first heading.")
    gone: Texts = Field((), description="Element by which a page says that the thread does not exist, where the site answers 200.")
    login: Texts = Field((), description="Element of a page that asks guests to log in.")
    wall: Texts = Field((), description="Element of a captcha or other wall; the source is marked blocked.")
    end: str = Field(
        "</html>", description="Words near the end of every whole page; empty: a page that was cut off cannot be told from a whole one."
    )
    zone: str = Field("+08:00", description="Offset of the site's times.")
    time_format: str = Field("", description="Form of its times (strptime), when neither a machine's nor one of the usual Chinese forms.")


class Source(Section):
    engine: Literal["discuz", "nodebb", "phpwind", "feed", "tieba", "selectors"] = Field(
        "discuz", description="Forum engine: which page reader and spider are used; `selectors`: by `rules`."
    )
    name: str = Field("", description="Name as people see it: 临海论坛. Empty: the key of the source.")
    url: Url = Field(description="Address of the forum's root, e.g. https://bbs.example.org/.")
    enabled: Switch = Field(True, description="Whether it is crawled; with `engine: tieba` only when this says so.")
    site: str = Field(
        "", description="Site key under which posts are stored; empty: the key of the source. Two sources of one forum share it."
    )
    charset: Literal["auto", "utf-8", "gbk"] = Field("auto", description="Character set when the forum does not tell the truth about it.")
    boards: tuple[str, ...] = Field((), description="Board ids (fid) to read; empty: all that the guide page or index shows.")
    guide: Switch = Field(True, description="Read the guide page (one request for all boards); off: the boards one by one.")
    official: dict[str, str] = Field(
        {}, description="Official accounts: user id → unit (a name from `units`). A table may be a CSV file (uid,unit)."
    )
    requests_per_minute: float = Field(10, gt=0, le=600, description="Budget of requests a minute for the whole host.")
    min_delay: Duration = Field(2 * S, description="Least time between two requests to the host.")
    poll: Duration = Field(
        8 * S,
        description="How often the list of new threads is read, within the budget; up to three times this in hours in which hardly anything is posted.",
    )
    first_crawl: Duration = Field(720 * H, description="How far back the first crawl of this source reads.")
    robots: Switch = Field(True, description="Obey robots.txt. Switch it off only for a forum of the city's own.")
    allow_private: Switch = Field(False, description="Allow addresses of the local network and of this machine.")
    rules: Rules | None = Field(
        None, description="For `engine: selectors`: what stands where on the site's pages (docs/guide/add-a-forum.md)."
    )

    @model_validator(mode="before")
    @classmethod
    def _off_by_default(cls, told: Any) -> Any:
        """Tieba serves guests a few pages before its walls: it is read only where somebody has decided so."""
        if isinstance(told, dict) and told.get("engine") == "tieba":
            return {"enabled": False} | told
        return told


class Crawl(Section):
    user_agent: str = Field(
        "Mozilla/5.0 (compatible; huiying/0.1; +https://example.org/huiying)",
        description="How the reader introduces itself; put an address there at which the forum's people reach yours. Not with bot, crawl, spider, sed, nec or mot in it.",
    )
    timeout: Duration = Field(20 * S, description="Longest wait for an answer.")
    max_page_mb: float = Field(8, gt=0, le=64, description="Largest page that is read, in MiB; a larger one is a failure.")


class DepartmentRule(Section):
    unit: str = Field(description="Unit of `units` that leads.")
    topic: str = Field("", description="Topic it leads for; empty: any.")
    words: tuple[str, ...] = Field(
        (), description="Words (two characters or more) that speak for it; empty: the topic alone decides. In CSV: separated by spaces."
    )


class Judge(Section):
    threshold: Share | None = Field(None, description="Probability from which a post is flagged; empty: the model's own.")
    band: float = Field(0.15, ge=0, le=0.5, description="Half width of the band around the threshold in which a person should look.")
    boards: dict[str, Share] = Field({}, description="Threshold by board name, e.g. 灌水: 0.7.")
    user_words: tuple[str, ...] = Field((), description="Words of the place that segmentation should keep whole.")
    levels: dict[str, tuple[str, ...]] = Field(
        {}, description="Words that raise a post to level 1, 2 or 3; they replace the shipped list of that level."
    )
    event_days: int = Field(180, ge=1, le=400, description="A post further than this from an event's latest one is a new matter.")
    second_reader: Literal["on", "off"] = Field("on", description="Whether flagged and doubtful posts are read a second time.")
    second_reader_time: Duration = Field(5 * S, description="Longest that one wake-up of the engine spends on it; a post takes 5 to 50 ms.")


class Unit(Section):
    name: str = Field(description="Full name: 市水务集团.")
    short: str = Field("", description="Short name for narrow columns.")
    kind: Literal["department", "town", "company", "office"] = Field("department", description="What it is.")
    town: str = Field("", description="Town or street that it governs.")


class Sla(Section):
    clock: Literal["posted", "detected"] = Field(
        "posted", description="Which clock binds: the citizen's (posted) or the duty clock (detected)."
    )
    target: Duration = Field(3 * H, description="Time to the first public answer; runs 24 × 7.")
    result_days: int = Field(5, ge=1, le=60, description="Working days to the result after a holding reply.")
    milestones: tuple[Duration, ...] = Field(
        (5 * H, 24 * H, 48 * H), description="Superior limits on the same clock (5 h, 24 h press conference, 48 h); never pause."
    )
    target_rate: float = Field(0.95, ge=0, le=1, description="On-time rate that the record marks as the goal.")
    minimum_sample: int = Field(20, ge=1, description="Under so many due items there is no rate and no rank.")


class Alerts(Section):
    max_age: Duration = Field(24 * H, description="In a source's first crawl, older posts open no alert.")
    undo: Duration = Field(12 * S, description="How long a decision of triage can be undone; dispatch messages wait for it.")
    claim: Duration = Field(2 * M, description="How long a commentator holds a post that was opened.")
    recorded_grace: Duration = Field(30 * M, description="How long a recorded answer may wait to be seen on the forum.")
    duty_unit: str = Field("市网络诉求办", description="Unit that gets what no unit has.")


class Rung(Section):
    after: Duration = Field(description="Time after the clock's start.")
    label: str = Field("", description="Words in messages and on the ladder: 科室负责人.")
    to: Literal["duty", "unit", "leaders"] = Field(
        "unit", description="Who is told after dispatch; before it, always the triage duty group."
    )
    unowned_only: Switch = Field(False, description="Only while nobody has taken it.")
    channels: tuple[str, ...] = Field(("email",), description="Channels of `channels`.")
    every: Duration | None = Field(None, description="Repeat until answered.")


class Ladder(Section):
    levels: tuple[LevelNumber, ...] = Field(description="Levels that this ladder serves.")
    rungs: tuple[Rung, ...] = Field(description="Steps in order of time.")


class Email(Section):
    host: str = Field("", description="SMTP server; empty: the channel is off.")
    port: int = Field(587, ge=1, le=65535, description="SMTP port.")
    tls: Literal["starttls", "implicit", "none"] = Field("starttls", description="How the connection is secured.")
    user: str = Field("", description="Account at the mail server.")
    password: str = Field("", description="Its password, as ${NAME} from the environment.")
    sender: str = Field("回应 <huiying@localhost>", description="From line.")
    timeout: Duration = Field(15 * S, description="Longest wait for the mail server.")


class Channels(Section):
    email: Email = Field(Email(), description="Mail over SMTP.")


class Message(Section):
    subject: str = Field(description="Subject; may hold {left} {title} {unit} {place} {level} {link} {county}.")
    body: str = Field(description="Text; the same fields.")


class Elastic(Section):
    url: Url = Field("http://127.0.0.1:9200", description="Address of the cluster.")
    index: str = Field("huiying", pattern=r"^[a-z][a-z0-9_-]{0,60}$", description="Prefix of index names.")
    user: str = Field("", description="Account.")
    password: str = Field("", description="Its password, as ${NAME}.")
    ca: str = Field("", description="File with the certificate authority.")


class Stores(Section):
    search: Literal["sqlite", "elasticsearch"] = Field("sqlite", description="Where posts are searched.")
    elasticsearch: Elastic = Field(Elastic(), description="Used when `search: elasticsearch`.")


class Digest(Section):
    draft_at: TimeOfDay = Field(time(7, 30), description="When the issue of the day is made.")
    send_at: TimeOfDay = Field(time(8, 0), description="When it goes out, reviewed or not.")
    publisher: str = Field("临海市网络诉求办", description="Name in its head.")
    secrecy: str = Field("内部资料", description="Marking in its head.")
    report_to: str = Field("市领导", description="报.")
    copy_to: str = Field("各镇（街道）、市级各单位", description="送.")


class Web(Section):
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for the office network.")
    port: int = Field(8000, ge=1, le=65535, description="Port; a busy one moves on to the next.")
    url: str = Field("", description="Address people type, used in messages; empty: host and port.")
    hosts: tuple[str, ...] = Field((), description="Further host names under which it is served.")


class Pipelines(Section):
    """pipelines.yaml."""

    extends: str = Field("", description="File whose keys this one overrides: a path beside this file, or `shipped`.")
    county: County = Field(County(), description="The place.")
    sources: dict[str, Source] = Field({}, description="Forums to read.")
    crawl: Crawl = Field(Crawl(), description="How pages are fetched.")
    judge: Judge = Field(Judge(), description="Judgement of posts.")
    topics: tuple[str, ...] = Field((), description="Topics, in the order of pages.")
    towns: tuple[str, ...] = Field((), description="Towns and streets.")
    units: tuple[Unit, ...] = Field((), description="Departments, towns and companies that answer; a table, or a CSV file.")
    departments: tuple[DepartmentRule, ...] = Field(
        (),
        description="Which unit leads: the one most of whose words stand in the text (the first on a draw), else the topic's. A table, or a CSV file.",
    )
    sla: Sla = Field(Sla(), description="Clocks.")
    alerts: Alerts = Field(Alerts(), description="When alerts open and how long moves can be taken back.")
    ladders: dict[str, Ladder] = Field({}, description="Who is told when, by level.")
    channels: Channels = Field(Channels(), description="Ways to reach people.")
    messages: dict[str, Message] = Field(
        {}, description="Texts of messages by cause (dispatch, rung, breach, returned); they replace the shipped ones."
    )
    stores: Stores = Field(Stores(), description="Where things are kept.")
    digest: Digest = Field(Digest(), description="舆情日报.")
    web: Web = Field(Web(), description="Pages.")


LEVELS = tuple(Level)
