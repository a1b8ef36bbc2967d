"""The second reader: with the real encoder where it is installed (CI installs it), and what happens where it is not."""

from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from nlp.encoder import ARRAYS
from nlp.judge import Judge
from nlp.model import SHIPPED
from nlp.second_reader import BLEND, Blend, NoSecondReader, SecondReader
from nlp.stream import assess_lines
from nlp.training.sources import heldout_rows
from store.records import Text
from tests.costs import seconds
from tests.nlp.texts import BAD, NEEDS_RESPONSE, NO_RESPONSE


@pytest.fixture(scope="module")
def reader() -> SecondReader:
    return SecondReader.load()


def some_texts() -> list[Text]:
    pairs = (*NEEDS_RESPONSE, *NO_RESPONSE)
    threads = [Text(id=f"thread {number}", title=title, body=body) for number, (title, body) in enumerate(pairs)]
    replies = [
        Text(id=f"reply {number}", body=f"{title} {body}", thread_title="小区停水三天了") for number, (title, body) in enumerate(pairs)
    ]
    bad = [Text(id=f"bad {number}", title=text[:3_000], body=text[:3_000]) for number, text in enumerate(BAD)]
    return [*threads, *replies, *bad, *heldout_texts()[:40]]


def heldout_texts() -> list[Text]:
    return [
        Text(id=str(row["id"]), title=str(row["title"]), body=str(row["body"]), thread_title=str(row["thread_title"]))
        for row in heldout_rows()
    ]


def test_alone_and_in_a_batch_give_the_same_bits(judge: Judge, reader: SecondReader) -> None:
    many, turn = some_texts(), reader.turn()
    together = judge.assess(many, turn)
    assert turn.read_count >= 10
    assert together == [judge.assess([text], reader.turn())[0] for text in many]


def test_only_what_lies_in_the_band_is_read_and_the_rest_is_as_without(judge: Judge, reader: SecondReader) -> None:
    many, turn = heldout_texts()[:150], reader.turn()
    low, high = reader.blend.band
    changed = 0
    for before, after in zip(judge.assess(many), judge.assess(many, turn), strict=True):
        if after.model == before.model:
            assert after == before
            continue
        changed += 1
        assert after.model == f"{judge.version}/{reader.version}"
        assert len(after.model) <= 80
        assert (after.threshold, after.topic) == (before.threshold, before.topic)
    assert changed == turn.read_count
    assert 0 < changed < 150
    assert low < 0 < high


def test_the_reasons_say_what_the_second_did_and_keep_those_of_the_first(judge: Judge, reader: SecondReader) -> None:
    said = 0
    for text in heldout_texts()[:120]:
        before, after = judge.explain(text), judge.explain(text, second=reader.turn())
        if after.model == before.model:
            continue
        line = after.reasons[-1].text
        if not line.startswith("二读："):
            assert abs(after.needs_response - before.needs_response) < 0.011
            continue
        assert line.count("%") == 2
        assert len(set(re.findall(r"\d+%", line))) == 2
        assert after.reasons[:-1] == before.reasons or after.flag != before.flag
        said += 1
    assert said


def test_it_finds_more_and_alarms_less_on_the_held_out_part(judge: Judge, reader: SecondReader) -> None:
    labels = np.asarray([int(str(row["needs_response"])) for row in heldout_rows()])
    alone = judge.assess(heldout_texts())
    both = judge.assess(heldout_texts(), reader.turn())
    first, second = ([one.needs_response for one in found] for found in (alone, both))
    assert roc_auc_score(labels, second) >= roc_auc_score(labels, first) + 0.003
    wrong_first, wrong_second = ((np.asarray([one.flag for one in found]) != (labels == 1)).sum() for found in (alone, both))
    assert wrong_second <= wrong_first


def test_a_turn_ends_with_its_time_and_leaves_the_rest_as_judged(judge: Judge, reader: SecondReader) -> None:
    many, turn = heldout_texts(), reader.turn(0.0)
    assert judge.assess(many, turn) == judge.assess(many)
    assert turn.read_count == 0
    assert turn.left > 20


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: repr(bad[:12]))
def test_bad_input_has_a_finite_score_in_bounded_time(reader: SecondReader, bad: str) -> None:
    assert np.isfinite(reader.score(bad))
    assert seconds(lambda: reader.score(bad), 2.0) < 2.0


def test_a_stream_says_of_each_line_who_judged_it(judge: Judge, reader: SecondReader) -> None:
    lines = "\n".join(json.dumps({"id": text.id, "title": text.title, "body": text.body}) for text in heldout_texts()[:100])
    target = io.StringIO()
    assert assess_lines(io.StringIO(lines), target, judge, reader.turn()) == 0
    models = [json.loads(line)["model"] for line in target.getvalue().splitlines()]
    assert set(models) == {judge.version, f"{judge.version}/{reader.version}"}


def test_a_reply_is_read_after_its_title(reader: SecondReader) -> None:
    alone, under = reader.score("我家也是"), reader.score("我家也是", "小区停水三天了")
    assert under > alone


def test_both_speak_for_a_response() -> None:
    blend = SecondReader.load().blend
    assert blend.version.startswith("second-2.")
    for reply in (False, True):
        assert blend.blended(1.0, 1.0, reply=reply) > max(blend.blended(0.0, 1.0, reply=reply), blend.blended(1.0, 0.0, reply=reply))


def copied(folder: Path) -> Path:
    for name in (ARRAYS, BLEND):
        shutil.copy(SHIPPED / name, folder)
    return folder


def test_weights_are_saved_and_read_as_they_were(tmp_path: Path) -> None:
    copied(tmp_path)
    before = SecondReader.load(tmp_path)
    before.blend.save(tmp_path)
    assert SecondReader.load(tmp_path).version == before.version == SecondReader.load().version


@pytest.mark.parametrize("name", [ARRAYS, BLEND])
def test_broken_weights_are_named(tmp_path: Path, name: str) -> None:
    copied(tmp_path)
    (tmp_path / name).write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(NoSecondReader, match=name.replace(".", r"\.")):
        SecondReader.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(NoSecondReader, match=name.replace(".", r"\.")):
        SecondReader.load(tmp_path)


def test_arrays_that_do_not_fit_each_other_are_refused(tmp_path: Path) -> None:
    copied(tmp_path)
    with np.load(tmp_path / ARRAYS) as arrays:
        held = dict(arrays)
    np.savez(tmp_path / ARRAYS, **{**held, "head": held["head"][1:]})
    with pytest.raises(NoSecondReader, match="head"):
        SecondReader.load(tmp_path)


def test_a_blend_made_for_another_encoder_is_refused(tmp_path: Path) -> None:
    copied(tmp_path)
    replace(Blend.load(tmp_path), encoder="00000000").save(tmp_path)
    with pytest.raises(NoSecondReader, match="00000000"):
        SecondReader.load(tmp_path)
