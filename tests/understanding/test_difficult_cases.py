"""Difficult cases of facts/procedures.md, as a citizen types them, read by the real model and
answered by the real dialogue: the right papers stand in the first answer, the wrong do not."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.understanding.client import NluClient
from bot.understanding.facade import Understander
from tests.dialogue.driver import Talk, shipped

pytestmark = [pytest.mark.nlu, pytest.mark.asyncio(loop_scope="module")]


@dataclass(frozen=True)
class Hard:
    """What is asked, of which procedure the answer is, and what it names and does not name."""

    asked: str
    procedure: str
    papers: tuple[str, ...] = ()
    not_papers: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    officer: bool = False
    phrases: tuple[str, ...] = field(default=())


CASES = [
    Hard(
        "con ngoài giá thú, bố muốn nhận thì cần giấy tờ gì",
        "nhan_cha_me_con",
        ("recognise_form", "identity", "kinship_proof"),
    ),
    Hard("tôi mất giấy khai sinh gốc thì xin lại cần gì", "trich_luc", ("form", "identity")),
    Hard(
        "đã ly hôn giờ muốn cưới lại cần giấy gì",
        "ket_hon",
        ("form", "identity", "divorce_details"),
        ("death_details",),
    ),
    Hard(
        "vợ trước đã mất giờ tôi đăng ký kết hôn cần giấy gì",
        "ket_hon",
        ("form", "identity", "death_details"),
    ),
    Hard(
        "ông mất ở nhà ba năm trước chưa khai tử giờ làm thế nào",
        "khai_tu",
        ("form", "identity", "death_notice", "old_evidence"),
        ("police_paper",),
    ),
    Hard(
        "chứng thực mua bán đất ở xã khác được không",
        "chung_thuc",
        phrases=("chỉ làm được ở xã nơi có nhà đất",),
    ),
    Hard(
        "con tôi sinh ở nhà không có giấy chứng sinh cũng không có ai làm chứng khai sinh cần gì",
        "khai_sinh",
        ("form", "identity", "pledge_paper"),
        ("birth_paper", "witness_paper"),
    ),
    Hard(
        "bố tôi 70 tuổi chưa từng có giấy khai sinh giờ làm khai sinh cần giấy gì",
        "khai_sinh",
        ("form", "identity", "adult_pledge", "adult_papers"),
        ("birth_paper",),
    ),
    Hard("lấy chồng người hàn quốc thì đăng ký kết hôn cần giấy gì", "ket_hon", officer=True),
    Hard("chồng tôi người nước ngoài thì khai sinh cho con cần giấy gì", "khai_sinh", officer=True),
    Hard(
        "xin giấy xác nhận độc thân để vay vốn ngân hàng cần giấy tờ gì",
        "tinh_trang_hon_nhan",
        ("form", "identity"),
    ),
    Hard(
        "giấy xác nhận tình trạng hôn nhân hết hạn xin cấp lại cần gì",
        "tinh_trang_hon_nhan",
        ("form", "identity", "old_paper"),
    ),
    Hard(
        "làm giấy ủy quyền lĩnh lương hưu cần mang gì",
        "chung_thuc",
        ("paper_to_sign", "signer_identity"),
        ("asset_paper", "deal_draft"),
    ),
    Hard("sao y học bạ cần mang gì", "chung_thuc", ("original",), ("deal_draft",)),
    Hard(
        "nhập khẩu cho vợ về nhà chồng cần giấy tờ gì",
        "thuong_tru",
        ("ct01", "id_card", "consent", "relation_paper"),
        ("lease",),
    ),
    Hard(
        "thuê nhà muốn đăng ký thường trú thì cần giấy gì",
        "thuong_tru",
        ("ct01", "id_card", "lease", "area_paper", "consent"),
        ("house_paper",),
    ),
    Hard("mất thẻ căn cước làm lại cần gì", "can_cuoc", ("id_number",), ("parent_card",)),
    Hard("cháu 8 tuổi làm căn cước cần gì", "can_cuoc", ("id_number", "parent_card")),
    Hard(
        "quên mật khẩu vneid thì làm sao",
        "vneid",
        phrases=("Quên mật khẩu: mở VNeID", "mã OTP"),
    ),
    Hard(
        "bà ngoại nuôi cháu, bố mẹ cháu mất cả rồi, đăng ký giám hộ cần giấy gì",
        "giam_ho",
        ("form", "identity", "kin_proof"),
        ("court_decision",),
    ),
    Hard(
        "mất giấy kết hôn năm 1995, sổ ở xã cũng cháy rồi, đăng ký lại kết hôn cần gì",
        "dang_ky_lai",
        ("form", "identity", "marriage_papers"),
        ("birth_papers",),
    ),
    Hard(
        "muốn sửa năm sinh trong giấy khai sinh cho khớp bằng cấp thì cần giấy gì",
        "cai_chinh",
        officer=True,
        phrases=("Giấy khai sinh là giấy gốc",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.asked[:40])
async def test_the_right_papers_are_named(shared_client: NluClient, case: Hard) -> None:
    meant = await Understander(shared_client).understand(case.asked)
    talk = Talk("zalo", understand=lambda _text: meant)
    said = talk.say(case.asked)
    procedure = shipped().procedure(case.procedure)
    for paper in case.papers:
        assert shipped().paper(procedure, paper).name in said, paper
    for paper in case.not_papers:
        assert f"{shipped().paper(procedure, paper).name} (" not in said, paper
    for fact in case.facts:
        assert shipped().fact(procedure, fact).long.split("{")[0] in said, fact
    for phrase in case.phrases:
        assert phrase in said
    assert bool(talk.reasons) == case.officer
