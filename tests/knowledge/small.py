"""A content about time and place: versions, lapses and layers, as files in memory.

One procedure (``viec``) stands on two laws, of which the second follows the first, and on a
waiver that ends; two provinces and three communes may say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from textwrap import indent

from bot.knowledge.library import Knowledge, Library
from bot.knowledge.loader import build

OLD = date(2024, 6, 1)
"""A day of the first law."""
NEW = date(2025, 3, 1)
"""A day of the second one."""
TURN = date(2025, 1, 1)
"""The first day of the second law."""
CHECKED = date(2024, 5, 1)
GOOD_UNTIL = date(2027, 1, 26)
"""The last day of the check: 1,000 days after it."""

HEAD = f"""\
checked_on: {CHECKED}
checked_by: Người soạn
recheck_days: 1000
"""

SOURCES = """\
CU: {title: Luật cũ, holds_from: 2020-01-01, holds_to: 2024-12-31}
MOI: {title: Luật mới, holds_from: 2025-01-01}
TAM: {title: Nghị quyết tạm, holds_from: 2024-03-01, holds_to: 2025-06-30}
MAI: {title: Luật không hết hạn, holds_from: 2020-01-01}
"""

COMMON = f"""\
{HEAD}\
facts:
  fee:
    - {{long: "Phí {{value}} đồng.", short: "Phi {{value}}.", value: 5000, sources: [CU Điều 1]}}
    - {{long: "Phí nay {{value}} đồng.", short: "Phi nay {{value}}.", value: 8000, sources: [MOI]}}
  waiver: {{long: Đang được miễn., short: Duoc mien., sources: [TAM], optional: true}}
  place: {{long: Nộp tại quầy., short: Nop tai quay., sources: [MAI], confirm: noi_nop}}
papers:
  card: {{name: Thẻ, short: the, how: xuat_trinh, form: ban_chinh, where: Mang theo., \
sources: [MAI], confirm: noi_nop}}
"""

PROCEDURE = """\
id: viec
name: Việc thử
short: viec
said: làm việc thử
said_short: viec
keyword: VT
desk: tu_phap
variants:
  - {id: thuong, name: Việc thử}
facts:
  days:
    - {long: "Hạn {value} ngày.", short: "Han {value} ngay.", value: 60, sources: [CU]}
    - {long: "Hạn {value} ngày.", short: "Han {value} ngay.", value: 30, sources: [MOI]}
  total: {long: "Cả thảy {fee.value} đồng.", short: "Ca thay {fee.value}.", sources: [MAI]}
  soon: {long: Đang chờ luật., short: Cho luat., sources: [MOI]}
papers:
  form: {name: "Tờ khai {fee.value}", short: to khai, how: nop, form: mau_dien_san, \
where: Tại quầy., sources: [MAI]}
answers:
  le_phi: {facts: [fee, waiver], short: [fee]}
  noi_nop: {facts: [place], short: [place]}
  cach_lam: {facts: [soon, total], short: [soon]}
  loi: {facts: [waiver], short: [waiver]}
checklist:
  questions:
    - id: muon
      ask: Quá {days.value} ngày chưa?
      short: Qua {days.value} ngay?
      options:
        - {id: roi, label: Đã quá, short: roi, told: [{born: {over: "{days.value} ngày"}}]}
        - {id: chua, label: Chưa quá, short: chua}
        - {id: chua_ro, label: Chưa rõ, short: chua ro, unsure: true}
  papers:
    - paper: form
    - paper: card
  notes:
    - fact: total
      when: [{muon: [roi]}]
deadlines:
  - {id: han, fact: days, event: born, label: "hạn {days.value} ngày", \
label_short: "han {days.value} ngay", ask: Ngày nào?, ask_short: Ngay nao?, \
remind_days_before: [3]}
"""
PLAIN = PROCEDURE.replace("id: viec", "id: khac").replace("VT", "KH").replace("{days.value}", "60")
"""A second procedure, of which no question names a number."""

PROVINCE = f"""\
id: tinh-mot
name: tỉnh Một
{HEAD}"""

TO_CONFIRM = """\
noi_nop: {what: Nơi nộp, who: Cán bộ}
"""


def commune(id_: str, province: str) -> str:
    """The file of a commune that says nothing of its own."""
    return f"""\
id: {id_}
name: xã {id_}
short: xa {id_}
province: {province}
office: Trung tâm
office_short: Trung tam
address: thôn Một
address_short: thon Mot
phone: "1"
hours: {{}}
{HEAD}"""


FILES: Mapping[str, str] = {
    "sources.yaml": SOURCES,
    "common.yaml": COMMON,
    "procedures/viec.yaml": PROCEDURE,
    "procedures/khac.yaml": PLAIN,
    "provinces/tinh-mot.yaml": PROVINCE,
    "communes/xa-a.yaml": commune("xa-a", "tinh-mot"),
    "communes/xa-b.yaml": commune("xa-b", "tinh-mot"),
    "communes/xa-le.yaml": commune("xa-le", "tỉnh khác"),
    "to_confirm.yaml": TO_CONFIRM,
}


def fact(text: str, *, value: int | None = None, source: str = "MAI", more: str = "") -> str:
    """One fact as YAML of one line."""
    number = "" if value is None else f", value: {value}"
    return f'{{long: "{text}", short: "{text}", sources: [{source}]{number}{more}}}'


def facts(**owners: Mapping[str, str]) -> str:
    """The facts of a layer: owner -> fact -> its YAML."""
    groups = (
        f"{owner}:\n" + indent("".join(f"{n}: {text}\n" for n, text in own.items()), "  ")
        for owner, own in owners.items()
    )
    return "facts:\n" + indent("".join(groups), "  ")


def library(files: Mapping[str, str] | None = None, **added: str) -> Library:
    """The content; ``files`` stand in for its own, ``added`` is written below a layer's file
    (``tinh_mot="confirmed: ..."``)."""
    texts = {**FILES, **(files or {})}
    for name, text in added.items():
        id_ = name.replace("_", "-")
        path = next(p for p in texts if p.endswith(f"s/{id_}.yaml"))
        texts[path] += text
    return build(texts)


def known(day: date, commune_id: str | None = None, **added: str) -> Knowledge:
    """What may be told on a day, there."""
    return library(None, **added).on(day, commune_id)


def told(knowledge: Knowledge, fact_id: str, procedure: str | None = None) -> str | None:
    """The text of a fact, when it may be told."""
    found = knowledge.find_fact(procedure, fact_id)
    return found.long if found else None
