from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.cues import ANCHORS, CUE_CAP, CUE_GROUPS, CUES, cue_hits, cue_table
from nlp.grams import BUCKETS, FINE, Grams, build_normaliser
from nlp.lexicon import Hit, Lexicon
from nlp.model import Model
from nlp.reading import HEAD, SEPARATOR, TAIL, clean, clean_all, clean_with_offsets
from nlp.reasons import running_sums
from nlp.sums import Adder
from tests.nlp.texts import BAD, NEEDS_RESPONSE, NO_RESPONSE

GRAMS = Grams(build_normaliser())


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=None)
def test_offsets_lead_from_the_clean_text_to_the_original(text: str) -> None:
    cleaned, offsets = clean_with_offsets(text)
    assert cleaned == clean(text) == clean_all([text])[0]
    units = len(cleaned.encode("utf-16-le", "surrogatepass")) // 2
    assert len(offsets) == units + 1
    assert offsets == sorted(offsets)


def test_a_megabyte_is_read_at_its_head_and_tail() -> None:
    text = "头" + "x" * 1_000_000 + "尾"
    cleaned, offsets = clean_with_offsets(text)
    assert len(cleaned) == HEAD + TAIL + 1
    assert (cleaned[0], cleaned[-1]) == ("头", "尾")
    assert text[offsets[len(cleaned) - 1]] == "尾"


@given(st.lists(st.text("a水 \n\u3000\u200b\ufdd0\x00\x1c\u2028😂", max_size=9), max_size=12))
@settings(max_examples=150, deadline=None)
def test_a_batch_is_cleaned_like_each_of_its_texts(texts: list[str]) -> None:
    assert GRAMS.batch(texts or [""]).texts() == clean_all(texts or [""])


def test_no_bad_text_can_break_the_rows_of_a_batch() -> None:
    cleaned = clean_all(BAD)
    assert all(SEPARATOR not in text for text in cleaned)
    batch = GRAMS.batch(cleaned)
    assert len(batch) == len(BAD)
    assert (batch.sizes > 0).all()


def test_the_stored_normaliser_is_the_one_of_training() -> None:
    shipped = Model.load().normaliser
    # characters that a newer Unicode names may differ; the common ones may not
    assert (shipped[:0x3000] == build_normaliser()[:0x3000]).mean() > 0.99
    assert (shipped[0x4E00:0xA000] == build_normaliser()[0x4E00:0xA000]).all()


def test_the_lexicon_finds_the_longest_word_of_a_group_and_every_group() -> None:
    lexicon = Lexicon(GRAMS, {"a": ("停水", "停水了"), "b": ("停水", "水管"), "c": ("ABC",)})
    batch = GRAMS.batch(["又停水了，水管坏", "", "ａｂｃ停水"])
    assert [(hit.post, hit.offset, hit.word, hit.group) for hit in lexicon.find(batch)] == [
        (0, 1, "停水了", "a"),
        (0, 1, "停水", "b"),
        (0, 5, "水管", "b"),
        (2, 0, "abc", "c"),
        (2, 3, "停水", "a"),
        (2, 3, "停水", "b"),
    ]


def test_the_table_of_cues_counts_what_stands_in_no_longer_cue() -> None:
    lexicon = Lexicon(GRAMS, CUES, ANCHORS)
    texts = [*(f"{title} {body}" for title, body in (*NEEDS_RESPONSE, *NO_RESPONSE)), *clean_all(BAD)]
    texts.append("您反映的问题已收悉，感谢您对我们的关注")
    batch = GRAMS.batch(texts)
    expected = np.zeros((len(texts), len(CUE_GROUPS)))
    for hit in cue_hits(lexicon.find(batch)):
        expected[hit.post, CUE_GROUPS.index(hit.group)] += 1
    assert (cue_table(lexicon.columns(batch), len(texts)) == np.minimum(expected, CUE_CAP)).all()
    assert expected[-1].sum() < len(list(lexicon.find(GRAMS.batch(texts[-1:]))))


@given(st.lists(st.text("停水了没电", max_size=14), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_lexicon_finds_what_a_search_word_by_word_finds(texts: list[str]) -> None:
    groups = {"a": ("停水", "水了", "停水了没电", "没电停水了没电了水", "电停水"), "b": ("了没", "水了没", "电停", "停水")}
    lexicon = Lexicon(GRAMS, groups)
    expected = []
    for post, text in enumerate(texts):
        free = dict.fromkeys(groups, 0)
        for offset in range(len(text)):
            here = [(word, group) for group, words in groups.items() for word in words if text.startswith(word, offset)]
            for word, group in sorted(here, key=lambda pair: -len(pair[0])):
                if offset >= free[group]:
                    free[group] = offset + len(word)
                    expected.append((post, offset, word, group))
    assert list(lexicon.find(GRAMS.batch(texts))) == expected
    # many posts are searched by arrays
    many = [hit._replace(post=hit.post + turn * len(texts)) for turn in range(12) for hit in map(Hit._make, expected)]
    assert list(lexicon.find(GRAMS.batch(texts * 12))) == many


def test_sums_of_16_bits_overflow_nowhere() -> None:
    weights = np.full((BUCKETS, 3), 127, dtype=np.int16)
    weights[:, 1] = -127
    texts = ["水" * length for length in (0, 1, 128, 129, 130, 257, 258, 8_000)]
    for chosen in (texts, texts[:3], texts[-1:], texts[:1]):
        batch = GRAMS.batch(chosen)
        assert (Adder(weights)(batch) == np.asarray([127, -127, 127]) * batch.sizes[:, None]).all()


def test_words_of_some_groups_count_only_where_a_text_begins_or_a_title_ends() -> None:
    lexicon = Lexicon(GRAMS, {"first": ("投诉", "咨询"), "last": ("问题",), "any": ("投诉",)}, {"first": "start", "last": "end"})
    batch = GRAMS.batch(["投诉停水问题", "我要投诉", "停水问题？ 正文", "问题在哪", "", "咨询", "问题！"])
    assert [(hit.post, hit.offset, hit.group) for hit in lexicon.find(batch)] == [
        *((0, 0, "first"), (0, 0, "any"), (0, 4, "last"), (1, 2, "any"), (2, 2, "last"), (5, 0, "first"), (6, 0, "last")),
    ]


@given(st.lists(st.text("a水电了不 ", max_size=7), min_size=1, max_size=9), st.integers(0, 8))
@settings(max_examples=150, deadline=None)
def test_a_post_has_the_fine_ngrams_and_unit_weights_it_has_alone(texts: list[str], number: int) -> None:
    column = np.random.default_rng(0).integers(-127, 128, FINE).astype(np.int8)
    row = number % len(texts)
    batch, alone = GRAMS.batch(texts), GRAMS.batch([texts[row]])
    fine = alone.fine()
    assert (batch.fine()[batch.starts[row] : batch.starts[row + 1]] == fine).all()
    one, two = column[fine].astype(int).T
    expected = np.cumsum([0, *(2 * one[p] + two[p] + two[p - 1] for p in range(1, len(fine)))]).tolist()
    assert running_sums(alone, column, [0]) == [expected]
    assert running_sums(batch, column, range(len(texts)))[row] == expected
