"""Broken content is refused with file, line and reason; sound content is tied together."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.errors import ContentError, PhraseError, UnknownContent
from bot.knowledge.loader import build, load
from tests.knowledge import mini

THU = "faq/procedures/thu.yaml"


def faults_of(**changed: str) -> list[tuple[str, int, str]]:
    with pytest.raises(ContentError) as caught:
        build(mini.texts(**changed))
    return [(fault.file, fault.line, fault.reason) for fault in caught.value.faults]


def test_the_small_content_is_sound() -> None:
    library = build(mini.texts())
    assert set(library.procedures) == {"thu"}
    assert library.menu is not None
    assert library.menu.first == ("thu",)
    assert set(library.to_confirm) == {"muc_phi"}


def test_values_are_filled_into_every_text_but_facts_keep_their_own() -> None:
    procedure = mini.known().procedure("thu")
    assert procedure.checklist.questions[0].ask == "Quá 60 ngày chưa?"
    assert procedure.deadlines[0].label == "hạn 60 ngày"
    (days,) = procedure.facts["days"]
    assert days.long == "Trong {value} ngày, tại {commune.office}."


def test_what_is_written_keeps_its_places() -> None:
    written = build(mini.texts()).procedures["thu"]
    assert written.checklist.questions[0].ask == "Quá {days.value} ngày chưa?"


def test_what_a_file_leaves_out_comes_from_its_head_and_its_sources() -> None:
    (days,) = build(mini.texts()).procedures["thu"].facts["days"]
    assert (days.holds_from, days.holds_to) == (date(2020, 1, 1), None)
    assert (days.checked_on, days.checked_by) == (mini.DAY, "Người thử")


def test_a_fact_takes_the_value_of_a_shared_one() -> None:
    changed = mini.PROCEDURE.replace("Muộn vẫn được.", "Bản sao {fee.value} đồng.")
    assert mini.known(procedure=changed).fact("thu", "late").long == "Bản sao 8.000 đồng."


def test_facts_and_papers_are_looked_up_in_the_procedure_then_in_common() -> None:
    knowledge = mini.known()
    assert knowledge.fact("thu", "fee") is knowledge.common.facts["fee"][0]
    assert knowledge.paper(knowledge.procedure("thu"), "form").name == "Tờ khai"
    assert knowledge.fact(None, "fee").value == 8000
    for missing in (
        lambda: knowledge.fact("thu", "nope"),
        lambda: knowledge.fact(None, "days"),
        lambda: knowledge.paper("thu", "nope"),
        lambda: knowledge.procedure("nope"),
        lambda: knowledge.commune("nope"),
        lambda: build(mini.texts()).on(mini.DAY, "nope"),
    ):
        with pytest.raises(UnknownContent, match="no "):
            missing()


def test_phrases_need_all_their_parameters() -> None:
    knowledge = mini.known()
    assert knowledge.phrase("hello", name="bà con") == "Chào bà con!"
    assert knowledge.phrase("hello", short=True, name="{name}") == "Chao {name}!"
    with pytest.raises(PhraseError, match="name"):
        knowledge.phrase("hello")
    with pytest.raises(PhraseError, match="nope"):
        knowledge.phrase("nope")


@pytest.mark.parametrize(
    ("old", "new", "at", "word"),
    [
        ("keyword: TT", "keyword: tt", "keyword: tt", "không đúng dạng"),
        ("name: Thủ tục thử", "nam: x", "nam: x", "không có trong mẫu"),
        ("    value: 60\n", "    value: [60]\n", "    value: [60]", "value"),
        ("confidence: H", "holds_from: hôm qua", "hôm qua", "phải là ngày"),
        ("confidence: H", "confidence: L", "confidence: L", "một trong"),
        ("form: mau_dien_san", "form: giay", "form: giay", "một trong"),
        ("[LUAT Điều 1]", "[LUATT Điều 1]", "[LUATT", "sources.yaml"),
        ("[LUAT Điều 1]", "[luat]", "[luat]", "không đúng dạng"),
        ("confidence: H", "confirm: muc", "confirm: muc", "to_confirm.yaml"),
        ("facts: [days], short", "facts: [dayz], short", "dayz", "dữ kiện “dayz”"),
        ("- paper: form", "- paper: from", "- paper: from", "giấy tờ “from”"),
        ("- fact: late", "- fact: lates", "- fact: lates", "dữ kiện “lates”"),
        ("    late: late", "    late: lates", "    late: lates", "dữ kiện “lates”"),
        ("Thủ tục thử}", "Thủ tục thử, result: x}", "result: x", "dữ kiện “x”"),
        ("Thủ tục thử}", "Thủ tục thử, takes: x}", "takes: x", "dữ kiện “x”"),
        ("Thủ tục thử}", "Thủ tục thử, takes: late}", "takes: late", "số ngày"),
        ("Thủ tục thử}", "Thủ tục thử, when: [{ai: [toi]}]}", "id: thuong", "không có when"),
        (
            "Thủ tục thử}",
            "Thủ tục thử}\n  - {id: hai, name: Hai}",
            "{id: hai",
            "phải có when",
        ),
        ("    event: born\n", "", "  - id: han", "thiếu mục “event”"),
        ("    event: born\n", "    event: wed\n", "event: wed", "một trong"),
        ("desk: tu_phap", "desk: thue", "desk: thue", "một trong"),
        ("when: [{tuoi: [roi]}]", "when: [{tuoy: [roi]}]", "tuoy", "câu hỏi “tuoy”"),
        ("when: [{ai: [khac]}]", "when: [{ai: [ho]}]", "ai: [ho]", "lựa chọn “ho”"),
        ("id: ai", "id: tuoi", "id: tuoi\n      ask: Ai", "bị lặp lại"),
        ("id: khac,", "id: toi,", "id: toi, label: Người", "bị lặp lại"),
        ("{value} ngày, tại", "{valeu} ngày, tại", "{valeu}", "chỗ trống"),
        ("{commune.office}.", "{commune.mayor}.", "{commune.mayor}", "chỗ trống"),
        ("Quá {days.value}", "Quá {late.value}", "{late.value}", "chỗ trống"),
        ("Quá {days.value}", "Quá {value}", "Quá {value}", "chỗ trống"),
        ("Ai đi?", "Ai đi}?", "Ai đi}?", "chỗ trống"),
        ("    fact: days\n", "    fact: late\n", "    fact: late\n", "số ngày"),
        ("id: thu\n", "id: khac\n", "id: khac", "tên tệp"),
        ("label: Đã quá", 'label: ""', 'label: ""', "không được để trống"),
        ("remind_days_before: [10, 3]", "remind_days_before: []", "[]", "ít nhất"),
        ("  late:\n", "  fee:\n", "  fee:\n", "common.yaml"),
        ("id: thu", "- id: thu", "name: Thủ tục thử", "YAML"),
    ],
)
def test_a_fault_names_its_line_and_reason(old: str, new: str, at: str, word: str) -> None:
    broken = mini.PROCEDURE.replace(old, new, 1)
    line = mini.line_of(broken, at)
    found = faults_of(procedure=broken)
    assert any(f == THU and n == line and word in reason for f, n, reason in found), found


def test_all_faults_are_told_at_once() -> None:
    broken = mini.PROCEDURE.replace("keyword: TT", "keyword: tt").replace("[days]", "[dayz]")
    files = {file for file, _, _ in faults_of(procedure=broken, sources="LUAT: {}\n")}
    assert files == {THU, "faq/sources.yaml"}


def test_a_missing_name_is_told_at_its_owner() -> None:
    broken = mini.PROCEDURE.replace("    where: Lấy tại quầy.\n", "")
    line = mini.line_of(broken, "  form:")
    assert (THU, line, "thiếu mục “where”") in faults_of(procedure=broken)


def test_files_are_read_from_disk(tmp_path: Path) -> None:
    faq = mini.write(tmp_path, mini.texts())
    assert load(faq).procedures["thu"].keyword == "TT"
    (faq / "communes" / "xa-thu.yaml").write_bytes(b"id: \xff\xfe")
    (faq / "sources.yaml").unlink()
    with pytest.raises(ContentError) as caught:
        load(faq)
    files = [fault.file for fault in caught.value.faults]
    assert "faq/communes/xa-thu.yaml" in files
    assert "faq/sources.yaml" in files


def test_no_folder_is_a_content_error_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        load(tmp_path / "nowhere")
