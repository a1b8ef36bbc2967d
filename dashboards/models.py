"""What the pages keep for themselves: archived digests and saved searches."""

from __future__ import annotations

from django.db import models


class DigestIssue(models.Model):
    """An archived 舆情日报: what was sent, as it was sent."""

    #: the day it reports on (Asia/Shanghai)
    date = models.DateField(unique=True)
    #: 第 N 期 of the year, 总第 N 期
    number = models.IntegerField()
    total = models.IntegerField()
    #: the interval it covers
    since = models.DateTimeField()
    until = models.DateTimeField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=150, blank=True)
    #: {"items": [{"group","title","url","post","summary",…}], "figures": {…}}
    content = models.JSONField()
    #: 编者的话: the only part a person types
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"舆情日报 {self.date} 第 {self.number} 期"


class DigestNote(models.Model):
    """编者的话 of an issue that is still a draft; it goes into the issue when that is archived."""

    date = models.DateField(unique=True)
    text = models.TextField(blank=True)
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"编者的话 {self.date}"
