"""The draw as a pure function: sizes by hand, tickets by `sha256sum`, and a second program in SQL."""

import random
from collections import Counter
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from supervision.sampling import (
    BadInput,
    Stratum,
    draw,
    frame_csv,
    frame_sha256,
    parse_ratio,
    read_frame,
    sample_size,
    ticket,
)

NUMBERS = [f"DT-2026-{n:06d}" for n in range(1, 11)]


@pytest.mark.clause("DT-1.3")
@pytest.mark.parametrize(
    ("ratio", "count", "size"),
    [
        ("0.30", 41, 13),  # 12.3
        ("0.30", 10, 3),  # 3.0 exactly; 0.3 as binary fraction would give 4 on some ways
        ("0.30", 1, 1),  # 0.3
        ("0.30", 4, 2),  # 1.2
        ("0.20", 5, 1),  # 1.0 exactly
        ("0.20", 6, 2),  # 1.2
        ("0.07", 100, 7),  # 7.0 exactly; 0.07 × 100 is 7.000000000000001 in floats
        ("1", 17, 17),
        ("0.0001", 3, 1),
        ("0." + "0" * 40 + "1", 9, 1),
        ("0.3333333333333333333333333333333333333333", 3, 1),  # just below a third
        ("0.3333333333333333333333333333333333333334", 3, 2),  # just above: no digit is lost
    ],
)
def test_size_is_the_ceiling_of_ratio_times_count(ratio, count, size):
    assert sample_size(Decimal(ratio), count) == size


def test_ticket_is_the_sha256_of_seed_colon_id():
    """`printf 's1:DT-2026-000001' | sha256sum`"""
    assert (
        ticket("s1", "DT-2026-000001") == "412e6bc4e49f115642792ff29096f60d994c2efa706fd2c5c129f0995c15b39b"
    )


def test_golden_sample_worked_with_sha256sum_and_sort():
    """The three smallest of ten by `for i …; printf '洞头-1:%s' | sha256sum; done | sort | head -3`."""
    frame = [(number, "") for number in NUMBERS]
    assert draw("洞头-1", Decimal("0.30"), frame) == {
        "": Stratum(10, ("DT-2026-000008", "DT-2026-000006", "DT-2026-000003"))
    }


def test_each_stratum_has_its_own_sample_in_the_order_drawn():
    frame = [(number, "北岙街道" if n < 7 else "东屏街道") for n, number in enumerate(NUMBERS)]
    sample = draw("洞头-1", Decimal("0.30"), frame)
    # Tickets rise in the order 8, 6, 3, 7 …; 北岙 has 1–7: ceil(2.1) = 3; 东屏 has 8–10: ceil(0.9) = 1.
    assert sample["北岙街道"] == Stratum(7, ("DT-2026-000006", "DT-2026-000003", "DT-2026-000007"))
    assert sample["东屏街道"] == Stratum(3, ("DT-2026-000008",))


@given(st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_order_of_the_frame_does_not_matter(ids, shuffler):
    frame = [(item, str(len(item) % 3)) for item in ids]
    shuffled = list(frame)
    shuffler.shuffle(shuffled)
    assert draw("s", Decimal("0.4"), shuffled) == draw("s", Decimal("0.4"), frame)


SECOND_PROGRAM = """
    SELECT seed, stratum, array_agg(id ORDER BY place) FROM (
        SELECT seed, stratum, id,
               row_number() OVER (
                   PARTITION BY seed, stratum
                   ORDER BY encode(sha256(convert_to(seed || ':' || id, 'UTF8')), 'hex')) AS place,
               ceil(%(ratio)s::numeric * count(*) OVER (PARTITION BY seed, stratum)) AS size
        FROM unnest(%(ids)s::text[], %(strata)s::text[]) AS frame(id, stratum),
             unnest(%(seeds)s::text[]) AS seeds(seed)
    ) tickets WHERE place <= size GROUP BY seed, stratum
"""


@pytest.mark.django_db
@pytest.mark.clause("DT-1.3")
def test_a_second_program_draws_the_same_for_a_thousand_seeds():
    """The recipe once more in SQL, which shares no line with ours (goal S1)."""
    frame = [(f"DT-2026-{n:06d}", ("北岙街道", "东屏街道", "大门镇")[n % 7 % 3]) for n in range(1, 60)]
    seeds = [f"330305-dibao-202602-1-种子{n}" for n in range(1000)]
    with connection.cursor() as cursor:
        ids, strata = zip(*frame, strict=True)
        cursor.execute(
            SECOND_PROGRAM, {"ratio": "0.30", "ids": list(ids), "strata": list(strata), "seeds": seeds}
        )
        theirs = {(seed, stratum): tuple(drawn) for seed, stratum, drawn in cursor.fetchall()}
    ours = {
        (seed, name): stratum.drawn
        for seed in seeds
        for name, stratum in draw(seed, Decimal("0.30"), frame).items()
    }
    assert len(ours) == 3000
    assert ours == theirs


def test_every_case_has_the_same_chance():
    """4,000 seeds, 6 of 20 each: a case is drawn 1,200 times give or take 29 (σ); none strays beyond 4 σ."""
    frame = [(number, "") for number in (f"DT-2026-{n:06d}" for n in range(20))]
    drawn = Counter(
        item for seed in range(4000) for item in draw(f"chance-{seed}", Decimal("0.30"), frame)[""].drawn
    )
    assert len(drawn) == 20
    assert all(abs(n - 1200) < 4 * 29 for n in drawn.values())


def test_frame_file_is_canonical():
    rows = [("DT-2026-000002", "东屏街道"), ("DT-2026-000001", "北岙街道")]
    text = "id,township\nDT-2026-000001,北岙街道\nDT-2026-000002,东屏街道\n"
    assert frame_csv(rows) == frame_csv(reversed(rows)) == text


def test_frame_hash_is_that_of_the_bytes():
    """`printf 'id,township\\n' | sha256sum`"""
    digest = "f1708275976491f0f78d28163d9654082a112c735d8026fb7e0df15673d083ba"
    assert frame_sha256(b"id,township\n") == digest
    assert frame_sha256(b"id,township\r\n") != digest


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip),
        min_size=1,
    )
)
def test_frame_file_is_read_back_as_it_was(frame):
    rows = sorted(frame.items())
    if rows[0][0].startswith("\ufeff"):
        return
    assert read_frame(frame_csv(rows).encode(), "township") == rows


def test_byte_order_mark_windows_lines_and_blank_lines_are_read():
    content = "\ufeffid,township\r\n1,北岙街道\r\n\r\n2,东屏街道\r\n".encode()
    assert read_frame(content, "township") == [("1", "北岙街道"), ("2", "东屏街道")]
    assert read_frame(content) == [("1", ""), ("2", "")]


@pytest.mark.parametrize(
    ("content", "stratum", "said"),
    [
        (b"", None, "文件是空的"),
        (b"\n\n", None, "文件是空的"),
        (b"id\n", None, "只有表头"),
        (b"number\n1\n", None, "第一列应为 id"),
        ("编号,id\n1,2\n".encode(), None, "第一列应为 id"),
        (b"id\n1\n2\n1\n", None, "id 重复：1"),
        (b"id,a\n1,x\n2\n", None, "第 3 行有 1 列"),
        (b"id,a\n,x\n", None, "第 2 行的 id 为空"),
        (b"id,a\n1,\n", "a", "第 2 行的“a”为空"),
        (b"id,a\n1,x\n", "b", "--stratum"),
        (b"id,a,a\n1,x,y\n", "a", "--stratum"),
        ("id\n北\n".encode("gb18030"), None, "不是 UTF-8"),
        (b'id\n"1\n', None, "不是合格的 CSV"),
        (b"id\n1\x002\n", None, "不是合格的 CSV"),
        (b"id\n" + b"x" * 200_000, None, "不是合格的 CSV"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_bad_frames_say_what_is_wrong(content, stratum, said):
    with pytest.raises(BadInput, match=said):
        read_frame(content, stratum)


@pytest.mark.parametrize(
    "text", ["", "0", "0.0", "-0.3", "1.01", "2", "nan", "inf", "1e-1", "0,3", "30%", "０.３", "0_3", " 0.3"]
)
def test_bad_ratios_are_refused(text):
    with pytest.raises(BadInput) as caught:
        parse_ratio(text)
    assert caught.value.field == "--ratio"


def test_random_module_plays_no_part():
    """The state of Python's generator changes nothing: no sample can be steered from outside the seed."""
    frame = [(number, "") for number in NUMBERS]
    random.seed(1)
    first = draw("s", Decimal("0.5"), frame)
    random.seed(2)
    assert draw("s", Decimal("0.5"), frame) == first
