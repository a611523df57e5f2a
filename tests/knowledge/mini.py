"""The smallest sound content, as files in memory, for tests that break it."""

from __future__ import annotations

from pathlib import Path

SOURCES = """\
LUAT:
  title: Luật thử
"""

_DATED = """\
sources: [{source: LUAT, at: Điều 1}]
    holds_from: 2020-01-01
    checked_on: 2026-11-22
    checked_by: Người thử
    confidence: H
"""

COMMON = f"""\
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
keyword: TT
codes:
  - ["1.000001", Thủ tục thử]
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
    - id: ai
      ask: Ai đi?
      short: Ai di?
      when: [{{tuoi: [roi]}}]
      options:
        - {{id: toi, label: Tôi đi, short: toi}}
        - {{id: khac, label: Người khác đi, short: nguoi khac}}
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


def texts(**changed: str) -> dict[str, str]:
    """The files; ``changed`` replaces some: sources, common, procedure, commune, phrases."""
    return {
        "sources.yaml": changed.get("sources", SOURCES),
        "common.yaml": changed.get("common", COMMON),
        "procedures/thu.yaml": changed.get("procedure", PROCEDURE),
        "communes/xa-thu.yaml": changed.get("commune", COMMUNE),
        "phrases.yaml": changed.get("phrases", PHRASES),
    }


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
