"""Writes a plan (tests/real/plan.py) into a Spirit forum; run by the Python it is installed for, in the project's folder.

stdin: {"plan", "password"}, or {"acts": [[path, fields], …]} for what the administrator does later, in pages of the program; stdout, last
line: which id each part got. Posts go through the program's own forms, what a
moderator does through its own pages; only the dates are set afterwards.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

sys.path.insert(0, ".")
os.environ["DJANGO_SETTINGS_MODULE"] = "bbs.settings.local"

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from spirit.category.models import Category  # noqa: E402
from spirit.comment.forms import CommentForm  # noqa: E402
from spirit.comment.models import Comment  # noqa: E402
from spirit.comment.utils import comment_posted  # noqa: E402
from spirit.topic.forms import TopicForm  # noqa: E402
from spirit.topic.models import Topic  # noqa: E402


def form_saved(form: Any) -> Any:
    if not form.is_valid():
        raise SystemExit(f"{type(form).__name__}: {form.errors.as_json()}")
    return form.save()


def moderator(admin: Any) -> Callable[..., None]:
    """What a person who is logged in as the administrator sends from a page."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(admin, backend="spirit.user.auth.backends.UsernameAuthBackend")

    def post(path: str, **fields: Any) -> None:
        answer = client.post(path, fields)
        if answer.status_code != 302 or "login" in answer["Location"]:
            raise SystemExit(f"{path}: HTTP {answer.status_code} {answer.content[:300]!r}")

    return post


def fill(plan: dict[str, Any], password: str) -> dict[str, dict[str, int]]:
    people = get_user_model().objects
    admin = people.create_superuser(username="admin", email="admin@example.org", password=password)
    admin.st.is_administrator = admin.st.is_moderator = True
    admin.st.save()
    post = moderator(admin)
    boards = {name: Category.objects.create(title=name) for name in plan["boards"]}
    users = {}
    for number, name in enumerate(plan["people"]):
        users[name] = people.create_user(username=f"u{number}", email=f"u{number}@example.org", password=password)
        users[name].st.nickname = name
        users[name].st.save()
    talks = {talk["key"]: talk for talk in plan["talks"]}
    topics: dict[str, Topic] = {}
    comments: dict[str, Comment] = {}
    for said in plan["posts"]:
        talk, user, at = talks[said["talk"]], users[said["who"]], datetime.fromtimestamp(said["at"] / 1000, UTC)
        if talk["key"] not in topics:
            made = form_saved(TopicForm(user, data={"title": talk["title"], "category": boards[talk["board"]].pk}))
            topics[talk["key"]] = made
            Topic.objects.filter(pk=made.pk).update(date=at)
        topic = topics[talk["key"]]
        form = CommentForm(user=user, topic=topic, data={"comment": said["text"]})
        comment = comments[said["key"]] = form_saved(form)
        comment_posted(comment=comment, mentions=form.mentions)
        Comment.objects.filter(pk=comment.pk).update(date=at)
        Topic.objects.filter(pk=topic.pk).update(last_active=at)
    for said in plan["posts"]:
        pk = comments[said["key"]].pk
        if said["edited"] is not None:
            post(f"/comment/{pk}/update/", comment=said["edited"])
        if said["deleted"]:
            post(f"/comment/{pk}/delete/")
        if said["purged"]:
            Comment.objects.filter(pk=pk).delete()
    for key, talk in talks.items():
        pk = topics[key].pk
        if talk["moved"]:
            post(f"/topic/update/{pk}/", title=talk["title"], category=boards[talk["moved"]].pk)
        for name, act in (("pinned", "pin"), ("locked", "lock"), ("deleted", "delete")):
            if talk[name]:
                post(f"/topic/moderate/{act}/{pk}/")
    return {
        "threads": {key: topic.pk for key, topic in topics.items()},
        "posts": {key: comment.pk for key, comment in comments.items()},
        "people": {name: user.pk for name, user in users.items()},
        "boards": {name: board.pk for name, board in boards.items()},
    }


if __name__ == "__main__":
    given = json.load(sys.stdin)
    if "acts" in given:
        act = moderator(get_user_model().objects.get(username="admin"))
        for path, fields in given["acts"]:
            act(path, **fields)
        sys.exit(0)
    for command in ("migrate", "createcachetable"):
        call_command(command, verbosity=0)
    print(json.dumps(fill(given["plan"], given["password"])))
