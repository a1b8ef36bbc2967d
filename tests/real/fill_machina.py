"""Writes a plan (tests/real/plan.py) into a site with django-machina; run by the Python it is installed for, in this folder.

stdin: {"plan", "password"}, or {"acts": [[path, fields], …]} for what the administrator does later; stdout, last line: which id each part
got. Posts go through the program's own forms, what a moderator does through its own pages; only the dates are set afterwards.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

sys.path.insert(0, ".")
os.environ["DJANGO_SETTINGS_MODULE"] = "machina_settings"

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from machina.core.db.models import get_model  # noqa: E402
from machina.core.loading import get_class  # noqa: E402

Forum, Topic, Post = get_model("forum", "Forum"), get_model("forum_conversation", "Topic"), get_model("forum_conversation", "Post")
PostForm, TopicForm = get_class("forum_conversation.forms", "PostForm"), get_class("forum_conversation.forms", "TopicForm")
assign = get_class("forum_permission.shortcuts", "assign_perm")
MAY = ("can_see_forum", "can_read_forum", "can_start_new_topics", "can_reply_to_topics", "can_post_without_approval")

#: the parts of its forms for attachments and polls
NO_FILES = {f"{part}-{name}_FORMS": 0 for part in ("attachment", "poll") for name in ("TOTAL", "INITIAL")}


def moderator() -> Callable[..., None]:
    """What a person who is logged in as the administrator sends from a page."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(get_user_model().objects.get(username="admin"))

    def post(path: str, **fields: Any) -> None:
        answer = client.post(path, fields)
        if answer.status_code != 302 or "login" in answer["Location"]:
            raise SystemExit(f"{path}: HTTP {answer.status_code} {answer.content[:300]!r}")

    return post


def written(form: Any) -> Any:
    if not form.is_valid():
        raise SystemExit(f"{type(form).__name__}: {form.errors.as_json()}")
    return form.save()


def fill(plan: dict[str, Any], password: str) -> dict[str, dict[str, int]]:
    people = get_user_model().objects
    people.create_superuser("admin", "admin@example.org", password)
    act = moderator()
    boards = {name: Forum.objects.create(name=name, type=Forum.FORUM_POST) for name in plan["boards"]}
    users = {name: people.create_user(name, f"u{number}@example.org", password) for number, name in enumerate(plan["people"])}
    guest = AnonymousUser()
    guest.forum_key = "guest"
    for board in boards.values():
        for right in MAY:
            for who in (guest, *users.values()):
                assign(right, who, board)
    talks = {talk["key"]: talk for talk in plan["talks"]}
    topics: dict[str, Any] = {}
    posts: dict[str, Any] = {}
    for said in plan["posts"]:
        talk, at = talks[said["talk"]], datetime.fromtimestamp(said["at"] / 1000, UTC)
        user, board, topic = guest if said["guest"] else users[said["who"]], boards[talk["board"]], topics.get(talk["key"])
        fields = {"subject": talk["title"] if topic is None else f"Re: {talk['title']}", "content": said["text"], "topic_type": 0}
        if said["guest"]:
            fields["username"] = said["who"].removeprefix("guest:") or "游客"
        kind = TopicForm if topic is None else PostForm
        post = posts[said["key"]] = written(kind(data=fields, user=user, forum=board, topic=topic))
        topics[talk["key"]] = post.topic
        Post.objects.filter(pk=post.pk).update(created=at, updated=at)
        if topic is None:
            Topic.objects.filter(pk=post.topic.pk).update(created=at)
        Topic.objects.get(pk=post.topic.pk).update_trackers()
    for said in plan["posts"]:
        post, talk = posts[said["key"]], talks[said["talk"]]
        topic, board = topics[said["talk"]], boards[talk["board"]]
        where = f"/forum/{board.slug}-{board.pk}/topic/{Topic.objects.get(pk=topic.pk).slug}-{topic.pk}"
        first = topic.first_post_id == post.pk
        if said["edited"] is not None:
            path = f"{where}/update/" if first else f"{where}/{post.pk}/post/update/"
            act(path, subject=post.subject, content=said["edited"], topic_type=0, **NO_FILES)
        if said["deleted"] or said["purged"]:
            act(f"{where}/{post.pk}/post/delete/")
    for key, talk in talks.items():
        topic = Topic.objects.get(pk=topics[key].pk)
        where = f"/moderation/topic/{topic.slug}-{topic.pk}"
        if talk["pinned"]:
            act(f"{where}/change/sticky/")
        if talk["locked"]:
            act(f"{where}/lock/")
        if talk["moved"]:
            act(f"{where}/move/", forum=boards[talk["moved"]].pk)
        if talk["deleted"]:
            act(f"{where}/delete/")
    return {
        "threads": {key: topic.pk for key, topic in topics.items()},
        "posts": {key: post.pk for key, post in posts.items()},
        "people": {name: user.pk for name, user in users.items()},
        "boards": {name: board.pk for name, board in boards.items()},
    }


if __name__ == "__main__":
    given = json.load(sys.stdin)
    if "acts" in given:
        act = moderator()
        for path, fields in given["acts"]:
            act(path, **fields)
        sys.exit(0)
    call_command("migrate", verbosity=0)
    print(json.dumps(fill(given["plan"], given["password"])))
