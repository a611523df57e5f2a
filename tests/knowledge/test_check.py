"""``hotro content check``: each rule finds its fault, and names the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.knowledge.check import check
from tests.knowledge import mini

LONG = "dài lắm " * 150
FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_the_small_content_passes(tmp_path: Path) -> None:
    report = check(mini.write(tmp_path, mini.texts()))
    assert report.faults == ()
    assert report.counts["trường hợp đã đi hết"] == 5
    (counts,) = report.procedures
    assert (counts.procedure, counts.variants, counts.facts, counts.papers) == ("thu", 1, 2, 1)
    assert (counts.paths, counts.to_confirm) == (5, 0)
    assert counts.longest_sms == len("1) to khai; 2) can cuoc. Muon van duoc.")


@pytest.mark.parametrize(
    ("which", "old", "new", "at", "word"),
    [
        ("sources", "LUAT:", "KHAC:\n  title: Khác\nLUAT:", "KHAC:", "không được dẫn"),
        ("common", "  fee:", "  fee2:", "", "không có dữ kiện “fee”"),
        (
            "common",
            "confidence: H",
            "holds_to: 2019-01-01",
            "sources: [LUAT Điều 1]",
            "trước khi có hiệu lực",
        ),
        ("common", "confidence: H", "holds_from: 1820-01-01", "1820", "không hợp lý"),
        ("common", "confidence: H", "confidence: M", "confidence: M", "confirm"),
        ("procedure", "  loi: {facts: [fee], short: [fee]}\n", "", "answers:", "“loi”"),
        (
            "procedure",
            "  late:\n",
            "  spare: {long: Thừa., short: Thua., sources: [LUAT]}\n  late:\n",
            "  spare:",
            "không dùng ở đâu",
        ),
        ("procedure", "    - paper: form\n", "    - paper: identity\n", "  form:", "không dùng"),
        ("procedure", "      case: nếu người khác đi\n", "", "when: [{ai: [khac]}]", "case"),
        (
            "procedure",
            "when: [{tuoi: [roi]}]",
            "when: [{tuoi: [roi]}, {tuoi: []}]",
            "",
            "",
        ),
        (
            "procedure",
            "{ai: [khac]}]\n      case",
            "{ai: []}]\n      case",
            "paper: identity",
            "đến được",
        ),
        ("procedure", "when: [{tuoi: [roi]}]", "when: [{tuoi: []}]", "- id: ai", "hỏi đến"),
        ("procedure", "cues: [còn hạn", "cues: [quá hạn", "[quá hạn, chưa", "đã có"),
        ("procedure", "cues: [còn hạn", "cues: [chưa quá hạn", "[chưa quá hạn, chưa", "đã có"),
        ("procedure", "[còn hạn, chưa", "[bị quá hạn rồi quá hạn hay quá, chưa", "", ""),
        ("procedure", "[còn hạn, chưa", '["!", chưa', '["!", chưa', "không dẫn đến"),
        ("procedure", "label: Đã quá", f"label: {'Đã quá ' * 7}", "label: Đã", "dài hơn 40"),
        ("procedure", "short: Ai di?", f"short: {'Ai di ' * 30}", "Ai di Ai", "SMS câu hỏi"),
        ("procedure", "Muon van duoc.", "Muon [van] duoc.", "[van]", "ký tự [ ]"),
        ("procedure", "short: to khai", f"short: {LONG}", "checklist:", "SMS khi"),
        ("procedure", "where: Lấy tại quầy.", f"where: {LONG * 2}", "checklist:", "bản dài khi"),
        ("procedure", "Trong {value} ngay", f"{LONG}", "  thoi_gian:", "SMS ở xã Thử"),
        ("procedure", "Trong {value} ngày", f"{LONG}", "  thoi_gian:", "bản dài ở xã Thử"),
        (
            "procedure",
            "[days], short: [days]",
            "[days, days], short: [days]",
            "  thoi_gian:",
            "lặp",
        ),
        (
            "procedure",
            "- paper: identity",
            "- paper: form\n    - paper: identity",
            "- paper: form\n    - paper: identity",
            "hai lần",
        ),
        (
            "procedure",
            "label: Chưa rõ, short: chua ro, unsure: true",
            "label: Chưa rõ, short: chua ro",
            "options:",
            "đang có 0",
        ),
        (
            "procedure",
            "label: Người khác đi, short: nguoi khac",
            "label: Người khác đi, short: nguoi khac, unsure: true",
            "options:\n        - {id: toi",
            "đang có 2",
        ),
        ("procedure", "Muộn vẫn được.", "Muộn thì hỏi BTP.", "hỏi BTP", "viết tắt “BTP”"),
        ("procedure", "Ai đi?", f"Ai {'có thể ' * 15}đi?", "Ai có thể", "câu dài 32 tiếng"),
        ("menu", "[thu]", "[thuu]", "[thuu]", "không có thủ tục “thuu”"),
        ("menu", "[thu]", "[thu, thu]", "[thu, thu]", "hai lần"),
        ("commune", 'opens: "07:30"', 'opens: "12:30"', "  mon:", "thứ tự"),
        ("commune", "procedure: thu}", "procedure: thuu}", "thuu", "“thuu”"),
        ("commune", "office_short: Trung tam Thu", "office_short: Trung {tam}", "{tam}", "ký tự"),
        ("phrases", "short: Chao {name}!", "short: Chao {name!", "{name!", "ngoặc nhọn"),
        ("phrases", "short: Chao {name}!", "short: Chao ~ {name}!", "~", "ký tự ~"),
    ],
)
def test_a_rule_finds_its_fault(
    tmp_path: Path, which: str, old: str, new: str, at: str, word: str
) -> None:
    assert old in mini.TEXTS[which]
    broken = mini.TEXTS[which].replace(old, new, 1)
    report = check(mini.write(tmp_path, mini.texts(**{which: broken})))
    if not word:
        return  # only that it does not crash
    found = [fault for fault in report.faults if word in fault.reason]
    assert found, [str(fault) for fault in report.faults]
    if at:
        place = (f"faq/{mini.NAMES[which]}", mini.line_of(broken, at))
        assert place in [(fault.file, fault.line) for fault in found]


HAI = mini.PROCEDURE.replace("id: thu\n", "id: hai\n").replace("keyword: TT", "keyword: HA")
"""A second procedure."""


def faults_beside(second: str, folder: Path) -> list[tuple[str, int, str]]:
    """The faults of the small content with a second procedure in its menu."""
    files = {**mini.texts(menu="first: [thu, hai]\ngroups: []\n"), "procedures/hai.yaml": second}
    return [(f.file, f.line, f.reason) for f in check(mini.write(folder, files)).faults]


def test_procedures_may_share_a_national_code_of_one_name(tmp_path: Path) -> None:
    assert faults_beside(HAI, tmp_path) == []


def test_a_national_code_has_one_official_name(tmp_path: Path) -> None:
    named = HAI.replace('"1.000001", name: Thủ tục thử', '"1.000001", name: Thủ tục khác')
    ((file, line, reason),) = faults_beside(named, tmp_path)
    assert (file, line) == ("faq/procedures/thu.yaml", mini.line_of(mini.PROCEDURE, "{id: thuong"))
    assert "mã thủ tục “1.000001”" in reason
    assert "“Thủ tục khác”" in reason


def test_a_keyword_belongs_to_one_procedure(tmp_path: Path) -> None:
    ((file, line, reason),) = faults_beside(HAI.replace("keyword: HA", "keyword: TT"), tmp_path)
    assert (file, line) == ("faq/procedures/thu.yaml", mini.line_of(mini.PROCEDURE, "keyword"))
    assert reason == "từ khoá “TT” đã có ở hai"


def test_more_than_seven_questions_is_too_many(tmp_path: Path) -> None:
    asked = "".join(
        f"    - id: hoi{n}\n      ask: Hỏi?\n      short: Hoi?\n      options:\n"
        "        - {id: a, label: A, short: a}\n        - {id: b, label: B, short: b}\n"
        for n in range(6)
    )
    broken = mini.PROCEDURE.replace("  questions:\n", f"  questions:\n{asked}")
    report = check(mini.write(tmp_path, mini.texts(procedure=broken)))
    assert any("hỏi quá 7 câu" in fault.reason for fault in report.faults)


def test_a_case_must_lead_somewhere(tmp_path: Path) -> None:
    broken = mini.PROCEDURE.replace(
        "    - paper: form\n",
        "    - paper: form\n      when: [{tuoi: [roi]}]\n      case: x\n      case_short: x\n",
    )
    report = check(mini.write(tmp_path, mini.texts(procedure=broken)))
    assert any("không có giấy tờ" in f.reason and "chua" in f.reason for f in report.faults)


def test_facts_of_one_answer_must_hold_together(tmp_path: Path) -> None:
    ended = mini.COMMON.replace("confidence: H", "holds_to: 2021-01-01", 1)
    broken = mini.PROCEDURE.replace("[days], short", "[days, fee], short")
    report = check(mini.write(tmp_path, mini.texts(procedure=broken, common=ended)))
    assert any("không cùng hiệu lực" in fault.reason for fault in report.faults)


def test_one_broken_procedure_does_not_hide_the_faults_of_another(tmp_path: Path) -> None:
    files = mini.texts()
    files["procedures/hai.yaml"] = "id: [hai\n"
    files["procedures/thu.yaml"] = mini.PROCEDURE.replace(
        "  loi: {facts: [fee], short: [fee]}\n", ""
    )
    found = {(fault.file, fault.reason[:5]) for fault in check(mini.write(tmp_path, files)).faults}
    assert {file for file, _ in found} == {"faq/procedures/hai.yaml", "faq/procedures/thu.yaml"}


def test_nothing_at_all_is_faults_not_a_crash(tmp_path: Path) -> None:
    report = check(tmp_path)
    needed = ("common", "sources", "phrases", "menu", "to_confirm")
    assert {fault.file for fault in report.faults} >= {f"faq/{name}.yaml" for name in needed}


@pytest.mark.parametrize("name", ["phrases.yaml", "menu.yaml", "to_confirm.yaml"])
def test_a_file_that_the_bot_needs_is_missed(tmp_path: Path, name: str) -> None:
    files = {path: text for path, text in mini.texts().items() if path != name}
    faults = check(mini.write(tmp_path, files)).faults
    assert [(fault.file, fault.reason) for fault in faults] == [(f"faq/{name}", "thiếu tệp này")]


def test_a_procedure_that_the_menu_does_not_lead_to_is_missed(tmp_path: Path) -> None:
    files = {**mini.texts(), "procedures/hai.yaml": HAI}
    (fault,) = check(mini.write(tmp_path, files)).faults
    assert (fault.file, fault.reason) == ("faq/menu.yaml", "thiếu thủ tục “hai”")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_damage_is_survived(tmp_path: Path, data: st.DataObject) -> None:
    which = data.draw(st.sampled_from(sorted(mini.TEXTS)))
    text = mini.TEXTS[which]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    junk = data.draw(st.text(alphabet="ab1 :-[]{},&*!|>'\"\n#%\\~", max_size=12))
    damaged = text[:start] + junk + text[end:]
    report = check(mini.write(tmp_path, mini.texts(**{which: damaged})))
    for fault in report.faults:
        assert fault.line >= 1
        assert fault.reason


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_lost_line_is_survived(tmp_path: Path, data: st.DataObject) -> None:
    which = data.draw(st.sampled_from(sorted(mini.TEXTS)))
    lines = mini.TEXTS[which].splitlines(keepends=True)
    lost = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=4))
    damaged = "".join(line for n, line in enumerate(lines) if n not in lost)
    check(mini.write(tmp_path, mini.texts(**{which: damaged})))
