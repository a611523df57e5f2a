"""``hotro questions``: from what was not understood to a file that the training reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.commands import questions as commands
from bot.commands.nlu_file import read
from bot.core import StartError
from bot.settings import Settings
from bot.store import inbox, questions
from bot.store.engine import Store
from bot.understanding.training_data import read_examples
from bot.understanding.types import CONTENT_ASPECTS, PROCEDURES, SMALLTALK_ASPECTS, split_intent
from tests.conftest import ROOT, SECRET
from tests.factories import NOON, House

GUESS = questions.Guess("khai_sinh", "ho_so", 0.4, "clarify")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "nlu" / "data").mkdir(parents=True)
    return Settings(
        data_dir=tmp_path / "var",
        database_url=database_url,
        secret_key=SECRET,
        faq_dir=ROOT / "faq",
        nlu_dir=tmp_path / "nlu",
    )


@pytest.fixture
async def keep(store: Store) -> Callable[..., Awaitable[None]]:
    """Keeps questions as turns do."""
    house = House(store)

    async def keep(*texts: str) -> None:
        conversation = await house.hear(*texts)
        async with store.write() as session:
            while (row := await inbox.next_new(session, conversation, NOON)) is not None:
                await inbox.mark_done(session, row.id, NOON)
                await questions.keep(session, conversation, row.id, GUESS, "asked_back", NOON)

    return keep


Keep = Callable[..., Awaitable[None]]


async def _list(settings: Settings, state: questions.State = "open") -> list[list[str]]:
    table = await commands.listing(settings, None, state, 50)
    return [line.split("\t") for line in table.splitlines()[1:]]


async def test_open_questions_are_listed_with_guess_and_suggestion(
    settings: Settings, store: Store, keep: Keep
) -> None:
    assert await commands.listing(settings, None, "open", 50) == "Không có câu nào."
    await keep("làm giấy\ncho cháu Trần Gia Bảo", "hai")
    async with store.write() as session:
        await questions.suggest(session, 2, "chung_thuc", "le_phi")
    assert await _list(settings) == [
        ["1", "06/07/2026", "làm giấy cho cháu [tên]", "khai_sinh+ho_so 40%", "-"],
        ["2", "06/07/2026", "hai", "khai_sinh+ho_so 40%", "chung_thuc+le_phi"],
    ]
    assert await commands.listing(settings, "xa-khac", "open", 50) == "Không có câu nào."


async def test_a_question_is_labelled_accepted_or_skipped(
    settings: Settings, store: Store, keep: Keep
) -> None:
    await keep("một", "hai", "ba")
    async with store.write() as session:
        await questions.suggest(session, 2, "chung_thuc", "le_phi")
    assert "khai_tu+thoi_gian" in await commands.label(settings, 1, "khai_tu+thoi_gian", "lan")
    assert "chung_thuc+le_phi" in await commands.accept(settings, 2, "lan")
    await commands.skip(settings, 3, "lan")
    labelled = await _list(settings, "labelled")
    assert [(row[0], row[-1]) for row in labelled] == [
        ("1", "khai_tu+thoi_gian"),
        ("2", "chung_thuc+le_phi"),
    ]
    assert [row[0] for row in await _list(settings, "skipped")] == ["3"]
    assert await _list(settings) == []


async def test_what_cannot_be_done_is_said(settings: Settings, keep: Keep) -> None:
    await keep("một")
    with pytest.raises(StartError, match="câu 1 chưa có gợi ý: hotro questions label 1"):
        await commands.accept(settings, 1, "lan")
    for attempt in (
        commands.accept(settings, 9, "lan"),
        commands.skip(settings, 9, "lan"),
        commands.label(settings, 9, "none+le_phi", "lan"),
    ):
        with pytest.raises(StartError, match="không có câu số 9"):
            await attempt


@pytest.mark.parametrize(
    "wrong",
    ["", "khai_sinh", "khai_sinh+", "le_phi+khai_sinh", "khai_sinh+chao", "x+ho_so", "none+x"],
)
def test_a_wrong_label_names_the_legal_ones(wrong: str) -> None:
    with pytest.raises(StartError) as caught:
        commands.read_label(wrong)
    said = str(caught.value)
    assert repr(wrong) in said
    assert all(name in said for name in (*PROCEDURES, *CONTENT_ASPECTS, *SMALLTALK_ASPECTS))


@pytest.mark.parametrize("right", ["khai_sinh+le_phi", " none+le_phi ", "none+chao"])
def test_a_legal_label_is_one_for_the_training(right: str) -> None:
    assert commands.read_label(right) == split_intent(right.strip())


async def test_the_export_is_read_back_by_the_training_and_done_once(
    settings: Settings, keep: Keep
) -> None:
    await keep("tôi tên là Lê Thị Hoa, [giấy](x) cho {con}", "- hai\nbốn", "ba", "chưa gán nhãn")
    assert "Chưa có câu nào được gán nhãn" in await commands.export(settings, None)
    await commands.label(settings, 1, "khai_sinh+ho_so", "lan")
    await commands.label(settings, 2, "none+le_phi", "lan")
    await commands.label(settings, 3, "khai_sinh+ho_so", "lan")
    said = await commands.export(settings, None)
    path = settings.nlu_dir / "data" / "corrections.yml"
    assert f"Đã thêm 3 câu vào {path}" in said
    assert "hotro train" in said
    assert [(e.text, e.intent) for e in read_examples(settings.nlu_dir)] == [
        ("tôi tên là, giấy(x) cho con", "khai_sinh+ho_so"),
        ("ba", "khai_sinh+ho_so"),
        ("hai bốn", "none+le_phi"),
    ]
    written = path.read_bytes()
    assert "Chưa có câu nào" in await commands.export(settings, None)
    assert "Đã thêm 0 câu" in await commands.export(settings, None, again=True)
    assert path.read_bytes() == written
    assert [row[0] for row in await _list(settings, "exported")] == ["1", "2", "3"]
    with pytest.raises(StartError, match="đã xuất"):
        await commands.label(settings, 1, "khai_tu+ho_so", "lan")


async def test_an_export_killed_before_its_commit_adds_nothing_twice(
    settings: Settings, store: Store, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep("một")
    await commands.label(settings, 1, "khai_sinh+ho_so", "lan")

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(questions, "mark_exported", killed)
        with pytest.raises(KeyboardInterrupt):
            await commands.export(settings, None)
    assert [row[0] for row in await _list(settings, "labelled")] == ["1"]
    assert "(1 câu đã có sẵn" in await commands.export(settings, None)
    assert read(settings.nlu_dir / "data" / "corrections.yml") == {"khai_sinh+ho_so": ["một"]}


async def test_a_target_that_is_no_such_file_keeps_the_questions(
    settings: Settings, tmp_path: Path, keep: Keep
) -> None:
    await keep("một")
    await commands.label(settings, 1, "khai_sinh+ho_so", "lan")
    out = tmp_path / "notes.yml"
    out.write_text("mua sữa\n", encoding="utf-8")
    with pytest.raises(StartError, match="không phải tệp câu hỏi"):
        await commands.export(settings, out)
    assert len(await _list(settings, "labelled")) == 1
    assert "Đã thêm 1 câu" in await commands.export(settings, tmp_path / "other.yml")
