"""The smallest sound content, as files in memory, for tests that break it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.knowledge.library import Knowledge
from bot.knowledge.loader import build

DAY = date(2026, 11, 22)
"""The day on which it was checked."""
PLACE = "xa-thu"

SOURCES = """\
LUAT:
  title: Luật thử
  holds_from: 2020-01-01
"""

_DATED = """\
sources: [LUAT Điều 1]
    confidence: H
"""

COMMON = f"""\
checked_on: {DAY}
checked_by: Người thử
facts:
  fee:
    long: Bản sao {{value}} đồng.
    short: Ban sao {{value}} dong.
    value: 8000
    {_DATED}\
papers:
  identity:
    name: Căn cước
    short: can cuoc
    how: xuat_trinh
    form: ban_chinh
    where: Mang theo.
    {_DATED}\
"""

_ANSWERS = "\n".join(
    f"  {aspect}: {{facts: [fee], short: [fee]}}"
    for aspect in ("le_phi", "noi_nop", "truc_tuyen", "dieu_kien", "cach_lam", "loi")
)

PROCEDURE = f"""\
id: thu
name: Thủ tục thử
short: thu
said: làm thử
said_short: thu
keyword: TT
desk: tu_phap
variants:
  - {{id: thuong, code: "1.000001", name: Thủ tục thử}}
facts:
  days:
    long: Trong {{value}} ngày, tại {{commune.office}}.
    short: Trong {{value}} ngay tai {{commune.office}}.
    value: 60
    {_DATED}\
  late:
    long: Muộn vẫn được.
    short: Muon van duoc.
    {_DATED}\
papers:
  form:
    name: Tờ khai
    short: to khai
    how: nop
    form: mau_dien_san
    where: Lấy tại quầy.
    {_DATED}\
answers:
  thoi_gian: {{facts: [days], short: [days]}}
{_ANSWERS}
checklist:
  questions:
    - id: tuoi
      ask: Quá {{days.value}} ngày chưa?
      short: Qua {{days.value}} ngay chua?
      options:
        - {{id: roi, label: Đã quá, short: roi, cues: [quá hạn]}}
        - {{id: chua, label: Chưa quá, short: chua, cues: [còn hạn, chưa quá hạn]}}
        - {{id: chua_ro, label: Chưa rõ, short: chua ro, unsure: true}}
    - id: ai
      ask: Ai đi?
      short: Ai di?
      when: [{{tuoi: [roi]}}]
      options:
        - {{id: toi, label: Tôi đi, short: toi}}
        - {{id: khac, label: Người khác đi, short: nguoi khac}}
        - {{id: chua_ro, label: Chưa rõ ai đi, short: chua ro, unsure: true}}
  papers:
    - paper: form
    - paper: identity
      when: [{{ai: [khac]}}]
      case: nếu người khác đi
      case_short: neu nguoi khac di
  notes:
    - fact: late
      when: [{{tuoi: [roi]}}]
  handovers:
    - when: [{{ai: [khac]}}]
      reason: Nhờ người khác
deadlines:
  - id: han
    fact: days
    event: born
    late: late
    label: hạn {{days.value}} ngày
    label_short: han {{days.value}} ngay
    ask: Ngày nào?
    ask_short: Ngay nao?
    remind_days_before: [10, 3]
"""

COMMUNE = """\
id: xa-thu
name: xã Thử
short: xa Thu
province: tỉnh Thử
office: Trung tâm Thử
office_short: Trung tam Thu
address: thôn Một
address_short: thon Mot
phone: 0200 000 0000
hours:
  mon: [{opens: "07:30", closes: "11:30"}, {opens: "13:30", closes: "17:00"}]
boards:
  - {code: xt-1, place: Nhà văn hoá, procedure: thu}
"""

PHRASES = """\
hello:
  long: Chào {name}!
  short: Chao {name}!
"""

MENU = """\
first: [thu]
groups: []
"""

TO_CONFIRM = """\
muc_phi:
  what: Mức phí
  who: Cán bộ tư pháp
"""

NAMES = {
    "sources": "sources.yaml",
    "common": "common.yaml",
    "procedure": "procedures/thu.yaml",
    "commune": "communes/xa-thu.yaml",
    "phrases": "phrases.yaml",
    "menu": "menu.yaml",
    "to_confirm": "to_confirm.yaml",
}
"""What each file is called here, and its path inside ``faq/``."""
TEXTS = {
    "sources": SOURCES,
    "common": COMMON,
    "procedure": PROCEDURE,
    "commune": COMMUNE,
    "phrases": PHRASES,
    "menu": MENU,
    "to_confirm": TO_CONFIRM,
}


def texts(**changed: str) -> dict[str, str]:
    """The files by path; ``changed`` replaces some, by the names of :data:`NAMES`."""
    return {NAMES[name]: text for name, text in {**TEXTS, **changed}.items()}


def known(on: date = DAY, **changed: str) -> Knowledge:
    """What may be told on a day in the small commune."""
    return build(texts(**changed)).on(on, PLACE)


def write(folder: Path, files: dict[str, str]) -> Path:
    """Put the files under ``folder``/faq and return that."""
    faq = folder / "faq"
    for name, text in files.items():
        (faq / name).parent.mkdir(parents=True, exist_ok=True)
        (faq / name).write_text(text, encoding="utf-8")
    return faq


def line_of(text: str, part: str) -> int:
    """The line, from one, on which ``part`` first stands."""
    return text[: text.index(part)].count("\n") + 1
