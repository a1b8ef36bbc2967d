"""Tables of what was seen: posts, threads, edits, counts, judgements, source health, access log.

Every change of a post takes the next number of one counter (`Post.seq`) inside the same transaction, so commit
order and number order agree, and a follower (judge, search index) needs only "greater than my watermark".
"""

from __future__ import annotations

from django.db import models

from store.records import Level, PostKind, Precision, SourceState


def _choices(enum: type) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]  # type: ignore[attr-defined]


class Counter(models.Model):
    """A number that only grows; the row lock orders the writers."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)


class Watermark(models.Model):
    """How far a follower has come; moved in the transaction of its effects."""

    name = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(null=True)


class Heartbeat(models.Model):
    """The last sign of life of crawl, engine, web and the ticks inside them."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)


class Lease(models.Model):
    """Who holds a role that only one process may have."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=200)
    pid = models.BigIntegerField()
    boot_id = models.CharField(max_length=64)
    since = models.DateTimeField()


class Thread(models.Model):
    """A thread as last read: what the crawler needs to decide whether to read it again."""

    site = models.CharField(max_length=60)
    tid = models.CharField(max_length=60)
    source = models.CharField(max_length=60, db_index=True)
    board = models.CharField(max_length=60, blank=True)
    board_name = models.CharField(max_length=120, blank=True)
    title = models.TextField(blank=True)
    url = models.TextField(blank=True)
    replies = models.IntegerField(null=True)
    views = models.IntegerField(null=True)
    pages = models.IntegerField(default=1)
    #: numbers of the pages that were stored at least once, so an interrupted first read goes on
    pages_read = models.JSONField(default=list)
    posted_at = models.DateTimeField(null=True)
    last_post_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True)
    #: its posts of late as the crawl counts them (`crawlers.freshness`), as of `last_read_at`
    activity = models.FloatField(default=0.0)
    #: the thread was begun by an official account (never flagged)
    official = models.BooleanField(default=False)
    #: first time the platform said it is gone; deletion counts when seen twice
    missing_since = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "tid"], name="one_thread_per_site")]
        indexes = [models.Index(fields=["source", "last_read_at"])]


class Post(models.Model):
    """A thread's first post or a reply; numbers masked and author pseudonymised before it comes here."""

    site = models.CharField(max_length=60)
    pid = models.CharField(max_length=60)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="posts")
    source = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=_choices(PostKind))
    board = models.CharField(max_length=60, blank=True)
    board_name = models.CharField(max_length=120, blank=True)
    title = models.TextField(blank=True)
    thread_title = models.TextField(blank=True)
    body = models.TextField(blank=True)
    #: HMAC-SHA256(home key, site + uid), hex; "" for an anonymous author
    author_key = models.CharField(max_length=64, blank=True, db_index=True)
    #: what people see: 网友 9D41, or the unit's name for an official account
    author = models.CharField(max_length=60, blank=True)
    official = models.BooleanField(default=False)
    official_unit = models.CharField(max_length=120, blank=True)
    floor = models.IntegerField(null=True)
    quotes = models.CharField(max_length=60, blank=True)
    posted_at = models.DateTimeField()
    precision = models.CharField(max_length=8, choices=_choices(Precision))
    detected_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    url = models.TextField(blank=True)
    replies = models.IntegerField(null=True)
    views = models.IntegerField(null=True)
    shielded = models.BooleanField(default=False)
    #: read from a half page so far, or partly hidden from guests: when the whole is shown, that is no edit
    partial = models.BooleanField(default=False)
    #: first time a whole page did not show it; deletion counts when seen twice
    missing_since = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    #: the last edit as the forum's note tells it (edits = those we saw)
    edited_at = models.DateTimeField(null=True)
    #: addresses of its pictures
    images = models.JSONField(default=list)
    edits = models.IntegerField(default=0)
    text_sha256 = models.CharField(max_length=64)
    raw_sha256 = models.CharField(max_length=64, blank=True)
    #: older than the source's first crawl: archived, outside every rate, opens no alert
    backfill = models.BooleanField(default=False)
    seq = models.BigIntegerField(unique=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "pid"], name="one_post_per_site")]
        indexes = [
            models.Index(fields=["-posted_at", "-id"]),
            models.Index(fields=["thread", "posted_at"]),
            models.Index(fields=["source", "detected_at"]),
            models.Index(fields=["official", "detected_at"]),
        ]

    @property
    def ref(self) -> str:
        """`site:pid`, the id in JSON and addresses."""
        return f"{self.site}:{self.pid}"


class Edit(models.Model):
    """The text a post had before an edit was seen."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="old_texts")
    seen_at = models.DateTimeField()
    title = models.TextField(blank=True)
    body = models.TextField(blank=True)
    text_sha256 = models.CharField(max_length=64)


class OfficialNode(models.Model):
    """The node of an official post as served, numbers masked: what evidence rests on."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="nodes")
    seen_at = models.DateTimeField()
    html = models.TextField()
    #: SHA-256 of the page's raw bytes
    raw_sha256 = models.CharField(max_length=64, blank=True)
    html_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "html_sha256"], name="one_node_per_text")]


class Observation(models.Model):
    """Counts of a thread at one fetch, kept when they changed."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="observations")
    seen_at = models.DateTimeField()
    replies = models.IntegerField(null=True)
    views = models.IntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["thread", "seen_at"])]


class Assessment(models.Model):
    """The current judgement of a post; which model made it is recorded."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="assessment")
    post_version = models.IntegerField()
    assessed_at = models.DateTimeField()
    needs_response = models.FloatField()
    threshold = models.FloatField()
    flag = models.BooleanField()
    unsure = models.BooleanField(default=False)
    category = models.CharField(max_length=20)
    topic = models.CharField(max_length=40, blank=True)
    topics = models.JSONField(default=dict)
    department = models.CharField(max_length=120, blank=True)
    level = models.IntegerField(choices=[(level.value, level.name) for level in Level])
    level_probability = models.FloatField(default=1.0)
    #: [{"name","town","code","text","probability"}]
    places = models.JSONField(default=list)
    #: [{"text","weight","about","start","end"}], offsets in title+"\n"+body
    reasons = models.JSONField(default=list)
    model = models.CharField(max_length=80)

    class Meta:
        indexes = [
            models.Index(fields=["flag", "assessed_at"]),
            models.Index(fields=["topic"]),
            # the list that people look through, counted with every poll of the triage page
            models.Index(fields=["assessed_at"], name="doubtful_by_time", condition=models.Q(unsure=True, flag=False)),
        ]


class BoardHealth(models.Model):
    """Health of one board of a source; the row with board "" is the source itself."""

    source = models.CharField(max_length=60)
    board = models.CharField(max_length=60, blank=True)
    board_name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=12, choices=_choices(SourceState), default=SourceState.STARTING.value)
    first_crawl_at = models.DateTimeField(null=True)
    last_attempt_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_post_at = models.DateTimeField(null=True)
    #: seconds until the next post should come, from now through the hours to come; of `rates_at`
    expected_s = models.FloatField(null=True)
    #: posts an hour by hour of week (`store.rhythm.Rhythm`, 168 numbers) and the posts they rest on; empty before the first post
    rates = models.JSONField(default=list)
    rates_evidence = models.FloatField(default=0.0)
    rates_at = models.DateTimeField(null=True)
    #: how the newest read that tells about the board ended (`snapshots.FetchOutcome`), "" = never read
    outcome = models.CharField(max_length=16, blank=True)
    #: name of the wall, notice or status of the newest failure
    detail = models.CharField(max_length=60, blank=True)
    #: answer time in seconds: the recent and the usual
    seconds_recent = models.FloatField(null=True)
    seconds_usual = models.FloatField(null=True)
    quiet_until = models.DateTimeField(null=True)
    #: a doubt about what was read (a time in the future, a cut text), and when
    warning = models.TextField(blank=True)
    warning_at = models.DateTimeField(null=True)
    #: what a canary thread told of the template ("" = it was read in full again), and when
    canary = models.TextField(blank=True)
    canary_at = models.DateTimeField(null=True)
    #: share of the wanted fields that pages yielded: the recent and the usual
    yield_recent = models.FloatField(null=True)
    yield_usual = models.FloatField(null=True)
    failures_in_row = models.IntegerField(default=0)
    #: class and text of the newest failure, and what the operator should do
    failure = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    backfilled = models.IntegerField(default=0)
    #: as of when its list was read to its bound and nothing it told of waited for a first reading
    covered_at = models.DateTimeField(null=True)
    #: of the source itself: pages that are known and were never read
    waiting = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "board"], name="one_health_per_board")]


class BoardRhythm(models.Model):
    """A board's posts by hour of week, each counted once when it is stored (`store.rhythm.WeekCounts`); board "" is the whole source."""

    source = models.CharField(max_length=60)
    board = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField()
    week = models.IntegerField(default=0)
    #: 168 numbers, Monday 0:00 in Shanghai first
    counts = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "board"], name="one_rhythm_per_board")]


class HealthHour(models.Model):
    """Reads of a board in one hour: the bars of the sources page."""

    source = models.CharField(max_length=60)
    board = models.CharField(max_length=60, blank=True)
    hour = models.DateTimeField()
    reads = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)
    slow = models.IntegerField(default=0)
    posts = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "board", "hour"], name="one_hour_per_board")]


class AccessEntry(models.Model):
    """Who looked at, searched, unmasked or exported what; append-only, each row chained to the one before."""

    at = models.DateTimeField(db_index=True)
    person = models.CharField(max_length=150)
    role = models.CharField(max_length=20, blank=True)
    #: login, search, open, unmask, export, denied, list, …
    action = models.CharField(max_length=20, db_index=True)
    #: ids, never texts
    what = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=300, blank=True)
    count = models.IntegerField(null=True)
    address = models.CharField(max_length=60, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)


class IndexedText(models.Model):
    """The text under which a post stands in the embedded index; FTS5 needs it word for word to take it out again."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="indexed")
    #: row id in the index: newest first is largest first (`store.search.port.sort_key`)
    sort_key = models.BigIntegerField(unique=True)
    #: the folded text; its tokens are cut from it by `tokenizer`
    tokens = models.TextField()
    tokenizer = models.IntegerField()
    #: `Post.seq` of the row as indexed
    version = models.BigIntegerField()
