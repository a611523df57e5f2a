"""Whatever is added to a training file is read back by the training, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.nlu_file import NluFileError, add, clean, read
from bot.understanding.training_data import read_examples

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "corrections.yml"


def _read_by_training(path: Path) -> list[tuple[str, str]]:
    return [(e.intent, e.text) for e in read_examples(path.parents[1])]


def test_it_is_written_like_the_files_beside_it(path: Path) -> None:
    added = add(path, [("khai_tu+le_phi", "b"), ("khai_sinh+ho_so", "c"), ("khai_tu+le_phi", "a")])
    assert added == 3
    assert path.read_text(encoding="utf-8") == (
        'version: "3.1"\n\nnlu:\n'
        "- intent: khai_sinh+ho_so\n  examples: |\n    - c\n\n"
        "- intent: khai_tu+le_phi\n  examples: |\n    - b\n    - a\n"
    )


def test_what_is_there_stays_and_is_not_added_twice(path: Path) -> None:
    add(path, [("khai_sinh+ho_so", "cũ")])
    before = path.stat()
    assert add(path, [("khai_sinh+ho_so", "cũ"), ("khai_tu+ho_so", "cũ")]) == 0
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert add(path, [("khai_sinh+ho_so", "mới"), ("khai_sinh+ho_so", "mới")]) == 1
    assert read(path) == {"khai_sinh+ho_so": ["cũ", "mới"]}
    assert [p.name for p in path.parent.iterdir()] == ["corrections.yml"]


def test_a_file_of_the_project_is_read_as_it_is(path: Path) -> None:
    shipped = Path(__file__).parents[2] / "nlu_data" / "data" / "khai_sinh.yml"
    path.write_bytes(shipped.read_bytes())
    before = sorted(_read_by_training(path))
    add(path, [("khai_sinh+loi", "một câu mới toanh")])
    assert sorted(_read_by_training(path)) == sorted(
        [*before, ("khai_sinh+loi", "một câu mới toanh")]
    )


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("làm [giấy](procedure) cho {con}", "làm giấy(procedure) cho con"),
        ("dòng một\ndòng hai\u2028dòng\x85ba", "dòng một dòng hai dòng ba"),
        ("- gạch đầu dòng", "gạch đầu dòng"),
        ("tôi tên là [tên], hỏi [số].", "tôi tên là, hỏi."),
        ("a\\nb: #c | > & *x !y % @ `\"'", "a/nb: #c | > & *x !y % @ `\"'"),
        ("[tên]", ""),
        ("12 ?", ""),
    ],
)
def test_an_utterance_is_one_line_without_marks_of_rasa(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@SHARED
@given(texts=st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_any_words_are_read_back_the_same(path: Path, texts: list[str]) -> None:
    path.unlink(missing_ok=True)
    wanted = [("khai_sinh+ho_so", clean(text)) for text in ["đầu tiên", *texts]]
    add(path, wanted)
    assert _read_by_training(path) == list(dict.fromkeys(w for w in wanted if w[1]))
    assert all(clean(text) == text for _, text in wanted)
    assert add(path, wanted) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("nlu: [", "không đọc được"),
        ("- a", "không phải tệp câu hỏi của Rasa"),
        ("nlu: []\nstories: []", "không phải tệp câu hỏi của Rasa"),
        ("nlu:\n- lookup: x\n  examples: |\n    - a\n", "intent và examples"),
        ("nlu:\n- intent: khai_sinh+ho_so\n  examples: |\n    a\n", 'bằng "- ": a'),
    ],
)
def test_a_file_with_something_else_in_it_is_refused_and_left_alone(
    path: Path, content: str, says: str
) -> None:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NluFileError, match=says):
        add(path, [("khai_sinh+ho_so", "mới")])
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(NluFileError, match="không ghi được"):
        add(tmp_path / "nowhere" / "x.yml", [("khai_sinh+ho_so", "mới")])
