"""Files of labelled questions: what is read, and what is said of a bad line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.understanding.evaluation.rows import Row, RowError, parse_rows, read_rows
from bot.understanding.evaluation.testset import read_test_set
from bot.understanding.views import VIEWS
from tests.understanding.conftest import ROOT

GOOD = {"text": "khai sinh cần gì", "procedure": "khai_sinh", "aspect": "ho_so"}


def line(**fields: object) -> str:
    return json.dumps({**GOOD, **fields}, ensure_ascii=False)


def test_text_and_label_are_enough() -> None:
    (row,) = parse_rows([line()], "a.jsonl")
    assert row == Row("a.jsonl:1", **GOOD, kind="question", file="a.jsonl")
    assert (row.procedures, row.aspects, row.in_scope) == (("khai_sinh",), ("ho_so",), True)


def test_everything_else_is_optional() -> None:
    (row,) = parse_rows(
        [
            line(
                id="x1",
                alt_procedures=["none"],
                alt_aspects=["cach_lam"],
                kind="double",
                parent="x0",
                second={"procedure": "khai_tu", "aspect": "le_phi"},
                source="does not matter",
            )
        ],
        "a.jsonl",
    )
    assert row.procedures == ("khai_sinh", "none")
    assert row.aspects == ("ho_so", "cach_lam")
    assert (row.id, row.kind, row.parent, row.second) == (
        "x1", "double", "x0", ("khai_tu", "le_phi"),
    )  # fmt: skip
    assert not row.in_scope


def test_blank_lines_and_a_byte_order_mark_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"\ufeff{line()}\r\n\n{line()}\n", encoding="utf-8")
    assert [row.id for row in read_rows(path)] == ["a.jsonl:1", "a.jsonl:3"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "không phải JSON"),
        ("[1]", "đối tượng JSON"),
        ("[" * 100_000, "không phải JSON"),
        ('{"procedure": "khai_sinh", "aspect": "ho_so"}', 'thiếu "text"'),
        (line(text=3), '"text" phải là chữ'),
        (line(text="  "), '"text" trống'),
        (line(aspect=None), 'thiếu "aspect"'),
        (line(procedure="khai"), "\"procedure\" có nhãn lạ 'khai'; các nhãn: khai_sinh, "),
        (line(aspect="gia"), "\"aspect\" có nhãn lạ 'gia'; các nhãn: ho_so, "),
        (line(alt_procedures=["khai"]), '"alt_procedures" có nhãn lạ'),
        (line(alt_aspects="ho_so"), '"alt_aspects" phải là danh sách'),
        (line(alt_aspects=[["ho_so"]]), '"alt_aspects" có nhãn lạ'),
        (line(second="khai_sinh"), '"second" phải có'),
        (line(second={"procedure": "khai_sinh"}), 'thiếu "aspect"'),
        (line(id="first"), "id 'first' đã có ở trên"),
    ],
)
def test_a_bad_line_is_named(bad: str, reason: str) -> None:
    with pytest.raises(RowError) as caught:
        parse_rows([line(id="first"), "", bad], "a.jsonl")
    assert str(caught.value).startswith("a.jsonl:3: ")
    assert reason in str(caught.value)


def test_a_file_without_questions_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(RowError, match=r"a\.jsonl: không có câu nào"):
        read_rows(tmp_path / "a.jsonl")
    with pytest.raises(RowError, match="không đọc được"):
        read_rows(tmp_path / "b.jsonl")
    (tmp_path / "c.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(RowError, match="UTF-8"):
        read_rows(tmp_path / "c.jsonl")
    with pytest.raises(RowError, match="không có tệp"):
        read_test_set(tmp_path / "nothing")


def test_the_shipped_test_set_is_readable_and_has_every_view() -> None:
    rows = read_test_set(ROOT / "nlu_data" / "test")
    kinds = [row.kind for row in rows]
    assert len(rows) > 1200
    assert len({row.id for row in rows}) == len(rows)
    assert {name: kinds.count(name) for name in VIEWS} == dict.fromkeys(VIEWS, 120)
    assert {"accented", "clear", "dialect", "double", "short", "story", "teencode"} <= set(kinds)
    assert read_test_set(ROOT / "nlu_data" / "test") == rows


def test_no_shipped_test_question_is_trained_on() -> None:
    """Otherwise the figures would flatter."""
    from bot.text import key
    from bot.understanding.training_data import read_examples

    learnt = {key(example.text) for example in read_examples(ROOT / "nlu_data")}
    rows = read_test_set(ROOT / "nlu_data" / "test", a_view=0)
    # bare names of procedures and greetings have to stand in both
    whole = [row for row in rows if row.kind != "short" and len(row.text.split()) > 4]
    assert [row.id for row in whole if key(row.text) in learnt] == []
