"""What a command says of a place is taken up by what runs; what is faulty changes nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import core as core_module
from bot.commands import places
from bot.core import Core, open_core, stored_content
from bot.knowledge import source
from bot.knowledge.errors import ContentError
from bot.knowledge.library import Library
from bot.knowledge.source import KnowledgeSource
from bot.settings import Settings
from bot.store import boards, content
from bot.store.engine import Store
from tests.conftest import SECRET
from tests.factories import NOON
from tests.knowledge import mini

NEW = "xa-moi"
PATH = f"communes/{NEW}.yaml"
FILE = mini.COMMUNE.replace("xa-thu", NEW).replace("xt-1", "xm-1").replace("xã Thử", "xã Mới")
"""A further commune; its board has the code xm-1."""
FAULTY = FILE.replace("phone:", "phonee:")
FEE = """\
facts:
  thu:
    fee:
      long: Phí {value} đồng.
      short: Phi {value} dong.
      value: 3000
      sources: [LUAT]
"""


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    return mini.write(tmp_path, mini.texts())


@pytest.fixture
def settings(database_url: str, tmp_path: Path, faq: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "var", database_url=database_url, secret_key=SECRET, faq_dir=faq
    )


@pytest.fixture
async def core(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Core]:
    """What runs; it looks only when a test says so."""
    monkeypatch.setattr(core_module, "CONTENT_EVERY", 3600.0)
    async with open_core(settings) as core:
        yield core


async def _say(settings: Settings, text: str, tmp_path: Path) -> None:
    """A command, with a connection of its own."""
    path = tmp_path / "xa.yaml"
    path.write_text(text, encoding="utf-8")
    await places.bring_in(settings, "commune", path, "lan")


async def _put(store: Store, text: str | None, id_: str = NEW) -> None:
    """A version that nobody tried first, as after an update of the shipped files."""
    async with store.write() as session:
        await content.put(session, "commune", id_, text, "lan", NOON)


async def _boards(core: Core, commune: str = NEW) -> list[tuple[str, str, str | None]]:
    async with core.store.read() as session:
        rows = await boards.listing(session, commune, NOON)
    return [(row.board.code, row.board.place, row.board.procedure) for row in rows]


# --- what runs ----------------------------------------------------------------------------


async def test_a_commune_that_a_command_adds_is_taken_up(
    core: Core, settings: Settings, tmp_path: Path
) -> None:
    await _say(settings, FILE, tmp_path)
    assert core.commune_view(NEW) is None
    await core.refresh_content()
    view = core.commune_view(NEW)
    assert view is not None
    assert (view.name, view.phone) == ("xã Mới", "0200 000 0000")
    assert core.library().on(mini.DAY, NEW).here is core.library().commune(NEW)
    info = core.commune_info(NEW)
    assert info is not None
    assert info.name == "xã Mới"


async def test_a_change_and_a_removal_are_taken_up(
    core: Core, settings: Settings, tmp_path: Path
) -> None:
    await _say(settings, FILE, tmp_path)
    await core.refresh_content()
    await places.set_value(settings, "commune", NEW, "phone", "0911 000 000", "lan")
    await places.set_value(settings, "commune", "xa-thu", "phone", "0922 000 000", "lan")
    await core.refresh_content()
    communes = core.library().communes
    assert (communes[NEW].phone, communes["xa-thu"].phone) == ("0911 000 000", "0922 000 000")
    for place in (NEW, "xa-thu"):
        await places.remove(settings, "commune", place, "lan")
    await core.refresh_content()
    assert list(core.library().communes) == []
    assert core.commune_view("xa-thu") is None
    await places.restore(settings, "commune", "xa-thu", 0, "lan")
    await core.refresh_content()
    assert {c.id: c.phone for c in core.library().communes.values()} == {"xa-thu": "0200 000 0000"}


async def test_without_a_change_the_content_is_not_read_again(core: Core) -> None:
    await _put(core.store, FILE)
    await core.refresh_content()
    before = core.library()
    await core.refresh_content()
    assert core.library() is before


async def test_boards_of_a_new_commune_become_rows(
    core: Core, settings: Settings, tmp_path: Path
) -> None:
    assert await _boards(core, "xa-thu") == [("xt-1", "Nhà văn hoá", "thu")]
    await _say(settings, FILE, tmp_path)
    assert await _boards(core) == []
    await core.refresh_content()
    assert await _boards(core) == [("xm-1", "Nhà văn hoá", "thu")]
    await places.set_value(
        settings, "commune", NEW, "boards", "[{code: xm-2, place: Chợ Mới}]", "lan"
    )
    await core.refresh_content()
    # A code that is printed somewhere stays good.
    assert await _boards(core) == [("xm-1", "Nhà văn hoá", "thu"), ("xm-2", "Chợ Mới", None)]


async def test_a_scan_of_a_new_board_is_counted(
    core: Core, settings: Settings, tmp_path: Path
) -> None:
    stored = boards.StoredBoards(core.store, core.clock)
    assert await stored.scan("xm-1") is None
    await _say(settings, FILE, tmp_path)
    await core.refresh_content()
    found = await stored.scan("xm-1")
    assert found is not None
    assert (found.commune, found.procedure) == (NEW, "thu")


async def test_it_looks_by_itself_every_few_seconds(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 <= core_module.CONTENT_EVERY <= 10
    monkeypatch.setattr(core_module, "CONTENT_EVERY", 0.02)
    async with open_core(settings) as core:
        await _say(settings, FILE, tmp_path)
        async with asyncio.timeout(20):
            while core.commune_view(NEW) is None:
                await asyncio.sleep(0.02)
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert "content" not in names


async def test_a_look_that_fails_is_followed_by_another(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may be away for a moment."""
    real, failed = content.stamp, asyncio.Event()

    async def away(session: Any) -> int:
        if not failed.is_set():
            failed.set()
            raise OSError("gone")
        return await real(session)

    monkeypatch.setattr(core_module, "CONTENT_EVERY", 0.02)
    async with open_core(settings) as core:
        with monkeypatch.context() as patch, capture_logs() as logs:
            patch.setattr(content, "stamp", away)
            await asyncio.wait_for(failed.wait(), 20)
            await _put(core.store, FILE)
            async with asyncio.timeout(20):
                while core.commune_view(NEW) is None:
                    await asyncio.sleep(0.05)
    assert [(one["event"], one["loop"]) for one in logs] == [("loop.failed", "watch")]


async def test_boards_become_rows_also_when_the_database_was_away_meanwhile(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise OSError("gone")

    await _put(core.store, FILE)
    with monkeypatch.context() as patch:
        patch.setattr(boards, "add", away)
        with pytest.raises(OSError, match="gone"):
            await core.refresh_content()
    await core.refresh_content()
    assert await _boards(core) == [("xm-1", "Nhà văn hoá", "thu")]


# --- what is faulty -----------------------------------------------------------------------


async def test_a_faulty_text_changes_nothing_and_is_logged_once(core: Core) -> None:
    await _put(core.store, FILE)
    await core.refresh_content()
    before = core.library().communes
    await _put(core.store, FAULTY)
    with capture_logs() as logs:
        await core.refresh_content()
        await core.refresh_content()
    assert core.library().communes == before
    (one,) = logs
    assert (one["event"], one["log_level"]) == ("content.faulty_edit_ignored", "error")
    assert one["first"].startswith(f"faq/{PATH}:")
    assert await _boards(core) == [("xm-1", "Nhà văn hoá", "thu")]


async def test_after_a_faulty_text_a_good_one_is_taken_up(core: Core) -> None:
    await _put(core.store, FAULTY)
    await core.refresh_content()
    assert list(core.library().communes) == ["xa-thu"]
    await _put(core.store, FILE)
    await core.refresh_content()
    assert list(core.library().communes) == [NEW, "xa-thu"]


async def test_it_starts_although_a_text_is_faulty(
    settings: Settings, core: Core, tmp_path: Path
) -> None:
    await _put(core.store, FAULTY)
    with capture_logs() as logs:
        async with open_core(settings) as other:
            assert list(other.library().communes) == ["xa-thu"]
    assert [one["event"] for one in logs] == ["content.faulty_edit_ignored"]
    await _say(settings, FILE, tmp_path)  # and it can be mended by a command
    await core.refresh_content()
    assert NEW in core.library().communes


async def test_one_faulty_text_does_not_hide_other_communes(settings: Settings, core: Core) -> None:
    await _put(core.store, FILE)
    await _put(core.store, FAULTY.replace(NEW, "xa-hong"), "xa-hong")
    async with open_core(settings) as other:
        assert list(other.library().communes) == [NEW, "xa-thu"]
        assert await _boards(other) == [("xm-1", "Nhà văn hoá", "thu")]


async def test_a_text_is_tried_again_when_the_files_change(
    core: Core, faq: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LOOK_EVERY", 0.0)
    common = (faq / "common.yaml").read_text(encoding="utf-8")
    await _put(core.store, FILE + FEE.replace("fee:", "cost:"))
    await core.refresh_content()
    assert list(core.library().communes) == ["xa-thu"]
    (faq / "common.yaml").write_text(
        common.replace("papers:\n", "  cost: {long: A., short: A., sources: [LUAT]}\npapers:\n"),
        encoding="utf-8",
    )
    assert "cost" in core.library().common.facts
    assert NEW in core.library().communes


# --- a command with a database of its own -------------------------------------------------


async def test_another_database_is_given_what_this_one_says(
    settings: Settings, core: Core, tmp_path: Path
) -> None:
    """As ``hotro ask`` does."""
    await _say(settings, FILE + FEE, tmp_path)
    over = await stored_content(settings)
    assert over == {PATH: FILE + FEE}
    own = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'ask.db'}"})
    async with open_core(own, over=over) as other:
        assert other.library().on(mini.DAY, NEW).fact("thu", "fee").value == 3000
        assert await _boards(other) == [("xm-1", "Nhà văn hoá", "thu")]
        await other.refresh_content()
        assert NEW in other.library().communes
    assert NEW not in core.library().communes  # it has not looked yet


async def test_without_a_database_nothing_is_said(settings: Settings, tmp_path: Path) -> None:
    gone = tmp_path / "none" / "hotro.db"
    other = settings.model_copy(update={"database_url": f"sqlite:///{gone}"})
    assert await stored_content(other) == {}
    assert not gone.parent.exists()
    assert await stored_content(settings.model_copy(update={"database_url": ""})) == {}
    assert not (tmp_path / "var").exists()
    nobody = {"database_url": "postgresql://nobody@127.0.0.1:1/x"}
    assert await stored_content(settings.model_copy(update=nobody)) == {}


async def test_a_look_at_a_database_that_is_not_there_makes_none(
    settings: Settings, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.db"
    other = settings.model_copy(update={"database_url": f"sqlite:///{gone}"})
    assert await stored_content(other) == {}
    assert not gone.exists()


async def test_a_faulty_text_from_elsewhere_is_told_and_left_out(settings: Settings) -> None:
    further = FILE.replace(NEW, "xa-hai").replace("xm-1", "xh-1")
    with capture_logs() as logs:
        async with open_core(
            settings, over={PATH: FAULTY, "communes/xa-hai.yaml": further}
        ) as core:
            assert list(core.library().communes) == ["xa-hai", "xa-thu"]
    (one,) = logs
    assert one["event"] == "content.faulty_edit_ignored"
    assert one["first"].startswith(f"faq/{PATH}:")


async def test_what_is_given_stands_beside_what_the_database_says(
    settings: Settings, core: Core
) -> None:
    await _put(core.store, FILE)
    further = FILE.replace(NEW, "xa-hai").replace("xm-1", "xh-1")
    async with open_core(settings, over={"communes/xa-hai.yaml": further}) as other:
        assert list(other.library().communes) == ["xa-hai", NEW, "xa-thu"]


# --- KnowledgeSource ----------------------------------------------------------------------


class Folder:
    """A content folder that is read by a source whose clock the test moves."""

    def __init__(self, faq: Path) -> None:
        self.faq = faq
        self.seconds = 0.0
        self.faults: list[ContentError] = []
        self.source = KnowledgeSource(faq, self.faults.append, lambda: self.seconds)

    def edit(self, name: str, text: str) -> None:
        """Write a file so that it is looked at again."""
        path = self.faq / name
        path.write_text(text, encoding="utf-8")
        self.seconds += source.LOOK_EVERY
        changed = path.stat().st_mtime_ns + int(self.seconds * 1e9)
        os.utime(path, ns=(changed, changed))

    def now(self) -> Library:
        return self.source()


@pytest.fixture
def folder(faq: Path) -> Folder:
    return Folder(faq)


def _laid(folder: Folder, texts: Mapping[str, str | None]) -> Library:
    folder.source.lay_over(texts)
    return folder.now()


def test_texts_stand_beside_and_in_place_of_files(folder: Folder) -> None:
    there = mini.COMMUNE.replace("0200 000 0000", "0911")
    library = _laid(folder, {PATH: FILE, "communes/xa-thu.yaml": there})
    assert {c.id: c.phone for c in library.communes.values()} == {
        NEW: "0200 000 0000",
        "xa-thu": "0911",
    }
    assert list(_laid(folder, {}).communes) == ["xa-thu"]
    assert (folder.faq / "communes" / "xa-thu.yaml").read_text("utf-8") == mini.COMMUNE


def test_a_file_is_taken_away(folder: Folder) -> None:
    assert list(_laid(folder, {PATH: FILE, "communes/xa-thu.yaml": None}).communes) == [NEW]
    assert list(_laid(folder, {PATH: None, "communes/xa-thu.yaml": None}).communes) == []
    assert list(_laid(folder, {PATH: None}).communes) == ["xa-thu"]
    assert folder.faults == []


@pytest.mark.parametrize("faulty", [FAULTY, "id: [\n", FILE + FEE.replace("fee:", "cost:")])
def test_a_faulty_text_is_told_and_its_last_good_one_stays(folder: Folder, faulty: str) -> None:
    good = _laid(folder, {PATH: FILE}).communes
    assert _laid(folder, {PATH: faulty}).communes == good
    (fault,) = folder.faults
    assert {one.file for one in fault.faults} == {f"faq/{PATH}"}
    folder.edit("phrases.yaml", mini.PHRASES.replace("Chào", "Kính chào"))
    assert folder.now().communes == good  # read again with the good text
    assert "Kính chào" in folder.now().phrases["hello"].long


def test_beside_a_faulty_text_the_others_are_taken_up(folder: Folder) -> None:
    _laid(folder, {PATH: FILE})
    there = mini.COMMUNE.replace("0200 000 0000", "0911")
    library = _laid(folder, {PATH: FAULTY, "communes/xa-thu.yaml": there})
    assert list(library.communes) == [NEW, "xa-thu"]
    assert library.communes["xa-thu"].phone == "0911"
    assert len(folder.faults) == 1


def test_a_text_that_never_was_good_leaves_the_shipped_file(folder: Folder) -> None:
    faulty = mini.COMMUNE.replace("phone:", "phonee:")
    library = _laid(folder, {"communes/xa-thu.yaml": faulty, PATH: FAULTY})
    assert {c.id: c.phone for c in library.communes.values()} == {"xa-thu": "0200 000 0000"}
    assert {one.file for fault in folder.faults for one in fault.faults} == {
        "faq/communes/xa-thu.yaml",
        f"faq/{PATH}",
    }


def test_a_place_that_was_taken_away_does_not_come_back_by_a_faulty_text(folder: Folder) -> None:
    faulty = mini.COMMUNE.replace("phone:", "phonee:")
    assert list(_laid(folder, {"communes/xa-thu.yaml": None}).communes) == []
    assert list(_laid(folder, {"communes/xa-thu.yaml": faulty}).communes) == []
    assert len(folder.faults) == 1


def test_the_same_texts_are_not_read_again(folder: Folder) -> None:
    library = _laid(folder, {PATH: FILE})
    assert _laid(folder, {PATH: FILE}) is library
    texts = {PATH: FILE}
    folder.source.lay_over(texts)
    texts[PATH] = FAULTY  # what was handed over is the source's own
    folder.edit("phrases.yaml", mini.PHRASES.replace("Chào", "Kính chào"))
    assert NEW in folder.now().communes
    assert folder.faults == []


def test_a_text_that_no_longer_goes_with_the_files_is_told_and_left_out(folder: Folder) -> None:
    further = {"communes/xa-hai.yaml": FILE.replace(NEW, "xa-hai")}
    assert list(_laid(folder, {PATH: FILE + FEE} | further).communes) == ["xa-hai", NEW, "xa-thu"]
    common = (folder.faq / "common.yaml").read_text(encoding="utf-8")
    (folder.faq / "procedures" / "thu.yaml").write_text(
        mini.PROCEDURE.replace("fee", "cost"), encoding="utf-8"
    )
    folder.edit("common.yaml", common.replace("fee", "cost"))
    library = folder.now()
    assert "cost" in library.common.facts
    assert list(library.communes) == ["xa-hai", "xa-thu"]
    (fault,) = folder.faults
    assert {one.file for one in fault.faults} == {f"faq/{PATH}"}
    mended = FILE + FEE.replace("fee", "cost")
    assert list(_laid(folder, {PATH: mended} | further).communes) == ["xa-hai", NEW, "xa-thu"]


def test_files_that_are_faulty_themselves_leave_all_as_it_is(folder: Folder) -> None:
    good = _laid(folder, {PATH: FILE})
    folder.edit("phrases.yaml", "hello: [\n")
    assert folder.now() is good
    further = {PATH: FILE, "communes/xa-hai.yaml": FILE.replace(NEW, "xa-hai")}
    assert _laid(folder, further) is good
    assert [fault.faults[0].file for fault in folder.faults] == ["faq/phrases.yaml"] * 2
    folder.edit("phrases.yaml", mini.PHRASES)
    assert list(folder.now().communes) == ["xa-hai", NEW, "xa-thu"]


def test_an_edit_is_seen_after_a_few_seconds(folder: Folder) -> None:
    before = folder.now()
    folder.edit("phrases.yaml", mini.PHRASES.replace("Chào", "Kính chào"))
    folder.seconds -= 0.1
    assert folder.now() is before
    folder.seconds += 0.1
    assert "Kính chào" in folder.now().phrases["hello"].long
