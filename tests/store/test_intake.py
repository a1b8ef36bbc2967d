from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from store.ids import author_key
from store.models import BoardHealth, Counter, Edit, Observation, OfficialNode, Post, Thread
from store.records import Precision
from store.snapshots import PostDetail
from tests.store.readings import KEY, NOON, SITE, WATER, page, post, sink

pytestmark = pytest.mark.django_db


def stored(pid: str = "1") -> Post:
    return Post.objects.get(site=SITE, pid=pid)


def test_a_thread_is_stored_once_however_often_it_is_taken():
    batch = [page(post(), post("2"))]
    assert sink().take(batch).counts[0].posts_new == 2
    before = list(Post.objects.order_by("pk").values())
    again = sink().take(batch).counts[0]
    assert (again.posts_new, again.posts_changed, again.replies_official) == (0, 0, 0)
    assert list(Post.objects.order_by("pk").values()) == before
    assert Thread.objects.count() == 1
    assert Observation.objects.count() == 1


def test_numbers_are_masked_and_the_author_is_a_key_before_anything_is_stored():
    sink().take([page(post(title="找张三 13812345678", body="电话 0576-85123456，找我"), title="找张三 13812345678")])
    row = stored()
    assert (row.title, row.thread_title, row.body) == ("找张三 <号码>", "找张三 <号码>", "电话 <号码>，找我")
    assert row.thread.title == "找张三 <号码>"
    assert row.author_key == author_key(KEY, SITE, "7")
    assert row.author == f"网友 {row.author_key[:4].upper()}"


def test_an_anonymous_author_has_no_key():
    sink().take([page(post(uid="", author=""))])
    assert (stored().author_key, stored().author) == ("", "匿名")


def test_an_author_that_a_template_hid_is_taken_up_later_and_never_lost_again():
    sink().take([page(post(uid="", author=""), post("2", uid="", author="", body="已派人抢修"))])
    sink().take([page(post(), post("2", uid="900", body="已派人抢修"), seconds=60)])
    assert stored().author_key == author_key(KEY, SITE, "7")
    assert (stored("2").official, stored("2").official_unit) == (True, "市水务集团")
    sink().take([page(post(uid="", author=""), post("2", uid="", author="", body="已派人抢修"), seconds=120)])
    assert stored().author_key
    assert (stored("2").official, stored("2").edits) == (True, 0)


def test_an_official_reply_carries_its_unit():
    result = sink().take([page(post(), post("2", uid="900", body="已派人抢修"))])
    assert result.counts[0].replies_official == 1
    assert (stored("2").official, stored("2").official_unit, stored("2").author) == (True, "市水务集团", "市水务集团")
    assert not stored().thread.official


def test_a_thread_begun_by_an_official_account_says_so():
    sink().take([page(post(uid="900"))])
    assert Thread.objects.get().official


def test_detected_at_is_the_instant_of_the_fetch_and_never_moves():
    sink().take([page(post())])
    sink().take([page(post(body="改了"), seconds=60)])
    assert stored().detected_at == NOON


def test_an_edit_keeps_the_old_text_and_takes_the_next_number():
    sink().take([page(post(), post("2"))])
    first = stored().seq
    result = sink().take([page(post(body="已经修好了"), post("2"), seconds=60)])
    row = stored()
    assert result.counts[0].posts_changed == 1
    assert (row.body, row.edits, row.version) == ("已经修好了", 1, 2)
    assert row.seq > max(first, stored("2").seq)
    assert Edit.objects.get().body == "人民路口的水管爆了，没有人管"
    assert Counter.objects.get(name="posts").value == row.seq


def test_an_edit_between_two_pages_of_one_batch_is_kept():
    result = sink().take([page(post()), page(post(body="改了"), seconds=5)])
    assert [count.posts_new for count in result.counts] == [1, 0]
    assert (stored().body, stored().edits, stored().version) == ("改了", 1, 1)
    assert Edit.objects.get().post == stored()


def test_a_database_that_does_not_tell_new_keys_is_asked(monkeypatch):
    from django.db import connection

    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    detail = PostDetail(pid="2", node="<td>已派人</td>")
    sink().take([page(post(), post("2", uid="900"), details=(detail,)), page(post(body="改了"), post("2", uid="900"), seconds=5)])
    assert Edit.objects.get().post == stored()
    assert OfficialNode.objects.get().post == stored("2")


def test_counts_are_observed_only_when_they_changed():
    for seconds, views in ((0, 5), (60, 5), (120, 9)):
        sink().take([page(post(), seconds=seconds, views=views)])
    assert list(Observation.objects.values_list("views", flat=True)) == [5, 9]
    assert stored().views == 9
    assert stored().version == 1


def test_a_half_page_adds_but_never_overwrites_or_deletes():
    sink().take([page(post(), post("2"), post("4"))])
    sink().take([page(post(body="半"), post("3", body="半截"), seconds=60, complete=False)])
    assert stored().body == "人民路口的水管爆了，没有人管"
    assert Post.objects.filter(missing_since=None).count() == 4
    sink().take([page(post(), post("2"), post("3", body="半截话说完了"), post("4"), seconds=120)])
    assert (stored("3").body, stored("3").edits) == ("半截话说完了", 0)
    assert not Edit.objects.exists()


def test_what_was_withheld_is_no_edit_when_it_is_shown_and_an_edit_of_the_rest_is_one():
    sink().take([page(post(body="路灯坏了", withheld=True))])
    assert stored().partial
    sink().take([page(post(body="路灯坏了三天", withheld=True), seconds=60)])
    assert (stored().body, stored().edits, stored().partial) == ("路灯坏了三天", 1, True)
    sink().take([page(post(body="路灯坏了三天，电话没人接"), seconds=120)])
    assert (stored().body, stored().edits, stored().partial) == ("路灯坏了三天，电话没人接", 1, False)


def test_a_post_is_deleted_only_when_missed_twice():
    whole, less = (post(), post("2"), post("3")), (post(), post("3"))
    sink().take([page(*whole)])
    sink().take([page(*less, seconds=60)])
    sink().take([page(*less, seconds=60)])
    assert stored("2").deleted_at is None
    sink().take([page(*less, seconds=120)])
    assert stored("2").deleted_at == NOON + timedelta(seconds=60)
    assert stored("2").version == 2


def test_a_post_that_comes_back_was_not_deleted():
    whole, less = (post(), post("2"), post("3")), (post(), post("3"))
    for seconds, shown in ((0, whole), (60, less), (120, less), (180, whole)):
        sink().take([page(*shown, seconds=seconds)])
    assert (stored("2").deleted_at, stored("2").missing_since) == (None, None)


def test_a_thread_that_runs_backwards_proves_nothing():
    posts = (post(), post("2"), post("3"), post("4"), post("5"))
    sink().take([page(*posts)])
    for seconds in (60, 120):
        sink().take([page(post(), post("5"), post("4"), page=1, pages=3, seconds=seconds)])
        sink().take([page(post("3"), page=2, pages=3, seconds=seconds + 1), page(post("2"), page=3, pages=3, seconds=seconds + 2)])
    assert not Post.objects.exclude(missing_since=None).exists()


def test_a_reply_shown_on_top_hides_no_deletion_and_proves_none():
    whole = [page(post(), post("2"), post("3"), post("4"), page=1, pages=2), page(post("5"), post("9"), page=2, pages=2, seconds=1)]
    sink().take(whole)
    for seconds in (60, 120):
        shown = (post(), post("9"), post("2"), post("4"), post("2-a1", body="点评"))
        sink().take([page(*shown, page=1, pages=2, seconds=seconds, lifted=frozenset(("9", "2-a1")))])
    assert [pid for pid in ("1", "2", "3", "4", "5", "9") if stored(pid).deleted_at] == ["3"]


def test_a_first_post_with_an_id_made_of_its_threads_stands_before_all_replies():
    sink().take([page(post("0305", tid="305"), post("7", tid="305"), post("8", tid="305"), tid="305")])
    for seconds in (60, 120):
        sink().take([page(post("0305", tid="305"), post("8", tid="305"), tid="305", seconds=seconds)])
    assert stored("7").deleted_at is not None
    assert stored("0305").missing_since is None


def test_a_first_post_that_is_gone_from_the_first_page_is_missed():
    sink().take([page(post(), post("2"), post("3"))])
    for seconds in (60, 120):
        sink().take([page(post("2"), post("3"), seconds=seconds)])
    assert stored("1").deleted_at is not None


def test_a_post_that_was_moved_goes_with_its_new_thread():
    sink().take([page(post(), post("2"))])
    sink().take([page(post("2", tid="20"), tid="20", seconds=60, title="另一帖")])
    assert stored("2").thread.tid == "20"
    assert stored("2").version == 2


def test_the_last_post_of_the_last_page_can_be_missed_but_not_of_a_page_before():
    sink().take([page(post(), post("2"), post("3"))])
    sink().take([page(post(), post("2"), seconds=60, page=1, pages=2)])
    assert stored("3").missing_since is None
    sink().take([page(post(), post("2"), seconds=120)])
    assert stored("3").missing_since is not None


def test_a_thread_is_gone_at_the_second_time():
    sink().take([page(post(), post("2"))])
    sink().take([page(seconds=60, gone=True)])
    assert Thread.objects.get().deleted_at is None
    assert sink().take([page(seconds=120, gone=True)]).counts[0].posts_changed == 2
    assert Thread.objects.get().deleted_at == stored().deleted_at == NOON + timedelta(seconds=60)
    assert sink().threads(SITE)["10"].gone


def test_a_shielded_post_keeps_its_text():
    sink().take([page(post(), post("2"))])
    sink().take([page(post(), post("2", body="", shielded=True), seconds=60)])
    assert (stored("2").shielded, stored("2").body) == (True, "人民路口的水管爆了，没有人管")
    sink().take([page(post(), post("2"), seconds=120)])
    assert (stored("2").shielded, stored("2").edits) == (False, 0)


def test_old_posts_of_the_first_crawl_are_backfill_and_later_ones_never():
    sink().take([page(post(minutes=-60 * 25), post("2", minutes=-60 * 23))])
    assert [stored("1").backfill, stored("2").backfill] == [True, False]
    assert BoardHealth.objects.get(source=SITE, board="2").backfilled == 1
    # Ten days of outage later: the post of day three opens its alert, late as it is.
    late = post("3", tid="11", minutes=3 * 1440, topic=True)
    sink().take([page(late, tid="11", seconds=10 * 86400)])
    assert not stored("3").backfill


def test_a_time_in_the_future_counts_from_the_fetch_and_the_operator_hears_of_it():
    sink().take([page(post(minutes=300, precision=Precision.MINUTE))])
    assert (stored().posted_at, stored().precision) == (NOON, "minute")
    assert "请核对站点或本机的时钟" in BoardHealth.objects.get(source=SITE, board="2").warning


def test_a_finer_time_replaces_a_coarse_one():
    sink().take([page(post(minutes=-600, precision=Precision.DAY))])
    sink().take([page(post(minutes=-30), seconds=60)])
    assert (stored().precision, stored().posted_at) == ("second", NOON - timedelta(minutes=30))
    sink().take([page(post(minutes=-90, precision=Precision.HOUR), seconds=120)])
    assert stored().precision == "second"


def test_a_body_of_a_megabyte_is_cut_and_says_so():
    sink().take([page(post(body="水" * 1_000_000))])
    assert len(stored().body) < 61_000
    assert stored().body.endswith("请看原帖）")
    assert "60,000" in BoardHealth.objects.get(source=SITE, board="2").warning
    sink().take([page(post(body="水" * 1_000_000), seconds=60)])
    assert stored().edits == 0


def test_debris_is_taken_out():
    sink().take([page(post(body="水\x00管\ud83d爆\u202e了\r\n没人管"))])
    assert stored().body == "水管爆了\n没人管"


def test_an_older_page_that_comes_late_changes_nothing():
    sink().take([page(post(body="新的"), seconds=120)])
    sink().take([page(post(body="旧的"), seconds=60)])
    assert (stored().body, stored().edits) == ("新的", 0)


def test_one_bad_snapshot_leaves_nothing_of_its_batch():
    bad = post("5", tid="12", topic=True)
    object.__setattr__(bad, "precision", "no such precision")
    with pytest.raises((AttributeError, ValueError)):
        sink().take([page(post()), page(bad, tid="12")])
    assert not Post.objects.exists()
    assert not Thread.objects.exists()


def test_adding_a_uid_rereads_the_past():
    plain = sink(official={})
    plain.take([page(post(), post("2", uid="900"))])
    first = stored("2").seq
    assert plain.reread_official() == 0
    listed = sink()
    assert listed.reread_official() == 1
    assert (stored("2").official, stored("2").author) == (True, WATER[SITE, "900"])
    assert stored("2").seq > first
    assert listed.reread_official() == 0
    assert plain.reread_official() == 1
    assert stored("2").author.startswith("网友 ")


def test_an_imported_answer_stays_official_whatever_the_list_says():
    sink().take([page(post(), post("2"), post("3"))], answers={(SITE, "2"): "市城管局", (SITE, "3"): ""})
    sink(official={(SITE, "1"): "某局"}).reread_official()
    assert (stored("2").official_unit, stored("3").author) == ("市城管局", "官方账号")
    assert stored("2").official


def test_marks_tell_what_need_not_be_fetched():
    sink().take([page(post(), page=1, pages=3), page(post("9"), page=3, pages=3, seconds=1)])
    mark = sink().threads(SITE)["10"]
    assert (mark.pages, mark.missing_pages, mark.replies) == (3, (2,), 0)
    assert mark.last_read_at == NOON + timedelta(seconds=1)


def test_the_node_of_an_official_post_is_kept_masked():
    node = '<td id="postmessage_2"><a href="tel:13812345678">电话 13812345678</a></td>'
    batch = [page(post(), post("2", uid="900"), details=(PostDetail(pid="1", node="<td>x</td>"), PostDetail(pid="2", node=node)))]
    sink().take(batch)
    sink().take(batch)
    kept = OfficialNode.objects.get()
    assert kept.post == stored("2")
    assert "138" not in kept.html
    assert 'id="postmessage_2"' in kept.html
    assert kept.raw_sha256 == "ab" * 32


def test_details_add_the_edit_note_and_pictures():
    detail = PostDetail(pid="1", edited_at=NOON - timedelta(minutes=5), images=("http://127.0.0.1/a.jpg",))
    sink().take([page(post(), details=(detail,))])
    assert (stored().edited_at, stored().images) == (NOON - timedelta(minutes=5), ["http://127.0.0.1/a.jpg"])


def test_a_batch_inside_a_rolled_back_transaction_leaves_nothing():
    with transaction.atomic():
        sink().take([page(post())])
        transaction.set_rollback(True)
    assert not Post.objects.exists()
    sink().take([page(post())])
    assert stored().seq >= 1


def test_in_a_simulated_home_an_import_detects_when_it_was_posted():
    sink(detected_when_posted=True).take([page(post(minutes=-100_000))])
    assert stored().detected_at == stored().posted_at
    assert not stored().backfill


def test_hot_threads_come_from_the_ledger():
    assert sink(hot=lambda site: {"10"}).hot(SITE) == {"10"}
    assert not sink().hot(SITE)
