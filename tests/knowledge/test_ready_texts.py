"""Ready-made announcements: blanks are filled, and what is wrong with them is found."""

from __future__ import annotations

import pytest

from bot.knowledge.check_ready import ready_faults
from bot.knowledge.document import read
from bot.knowledge.ready_texts import ReadyText
from tests.factories import HOME, library

SOUND = """\
hop:
  name: Mời họp
  title: "Họp {thon}"
  text: "{thon} họp lúc {luc}."
  sms: "Mời {thon} họp {luc}."
  blanks:
    thon: {ask: Thôn nào, example: thôn Bến}
    luc: {ask: Khi nào, example: 19h ngày mai}
"""


def _faults(text: str) -> list[str]:
    document, faults = read("faq/announcements.yaml", text)
    assert document is not None
    assert faults == []
    texts = {name: ReadyText.model_validate(item) for name, item in document.data.items()}
    return [str(one) for one in ready_faults(document, texts, [library().communes[HOME]])]


def test_what_is_said_stands_in_its_place_and_what_is_not_stays_open() -> None:
    ready = library().ready_texts["hop"]
    filled = ready.filled({"thon": "thôn Đình ", "luc": "  "})
    assert filled.title == "Họp thôn Đình"
    assert filled.text.startswith("Mời bà con thôn Đình đi họp lúc {luc}, tại {noi}.")
    assert "{" not in ready.example.text + ready.example.sms + ready.example.title


def test_a_text_begins_with_a_capital_letter_whatever_was_filled_in() -> None:
    assert library().ready_texts["bao"].example.text.startswith("Bão số 5 sẽ ảnh hưởng")


def test_the_shipped_ones_cover_what_was_asked_for() -> None:
    ready = library().ready_texts
    assert {"bao", "tiem", "thue", "dien", "hop"} <= set(ready)
    assert [name for name, one in ready.items() if one.urgent] == ["bao"]


def test_a_sound_one() -> None:
    assert _faults(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("họp lúc {luc}", "họp lúc {gio}", 4, "“{gio}” không có trong blanks"),
        ("{luc}", "19h", 8, "“luc” không dùng ở đâu"),
        ("Mời {thon} họp {luc}.", f"Mời {{thon}} họp {{luc}}. {'Nhớ nhé. ' * 40}", 5, "dài 3 tin"),
        ("Mời {thon} họp", "Mời {thon} ✨ họp", 5, "không gửi được ký tự"),
        ("họp lúc {luc}", f"họp lúc {{luc}} {'rất ' * 30} đông", 4, "câu dài"),
        ("họp lúc {luc}", "họp BCH lúc {luc}", 4, "“BCH” chưa được giải thích"),
        ("Họp {thon}", f"Họp {'x' * 130} {{thon}}", 3, "Tiêu đề dài"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(old: str, new: str, line: int, says: str) -> None:
    found = _faults(SOUND.replace(old, new))
    assert any(f":{line}:" in one and says in one for one in found), found
