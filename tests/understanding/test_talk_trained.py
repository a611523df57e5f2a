"""Several questions, follow-ups and corrections with the real model; only what is plain."""

from __future__ import annotations

import pytest

from bot.understanding.client import NluClient
from bot.understanding.facade import Understander

pytestmark = [pytest.mark.nlu, pytest.mark.asyncio(loop_scope="module")]

SEVERAL = {
    "làm khai sinh cần giấy tờ gì và mất bao nhiêu tiền": ["khai_sinh+ho_so", "khai_sinh+le_phi"],
    "lam khai tu o dau, mat bao nhieu tien": ["khai_tu+noi_nop", "khai_tu+le_phi"],
    "đăng ký kết hôn cần giấy gì, với lại thứ bảy xã có làm không ạ": [
        "ket_hon+ho_so",
        "none+gio_lam_viec",
    ],
    "chứng thực giấy tờ hết bao nhiêu tiền, còn làm khai tử thì bao lâu có": [
        "chung_thuc+le_phi",
        "khai_tu+thoi_gian",
    ],
}  # fmt: skip
SINGLE = [
    "Làm khai sinh cho con cần giấy tờ gì?",
    "cha và mẹ đi làm khai sinh cần gì",
    "Chồng tôi mất hôm qua ở bệnh viện, giờ làm khai tử thì cần giấy tờ gì?",
    "khai sinh mất bao lâu thì có",
]


@pytest.mark.parametrize("text", SEVERAL)
async def test_two_questions_are_understood(shared_client: NluClient, text: str) -> None:
    meant = await Understander(shared_client).understand(text)
    assert [f"{one.procedure}+{one.aspect}" for one in meant.questions] == SEVERAL[text]


@pytest.mark.parametrize("text", SINGLE)
async def test_one_question_stays_one(shared_client: NluClient, text: str) -> None:
    assert (await Understander(shared_client).understand(text)).second is None


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("còn lệ phí?", "le_phi"),
        ("con le phi thi sao", "le_phi"),
        ("thế làm online được không", "truc_tuyen"),
        ("rồi nộp ở đâu", "noi_nop"),
        ("rứa mất mấy bữa", "thoi_gian"),
    ],
)
async def test_a_follow_up_names_no_procedure_but_its_aspect(
    shared_client: NluClient, text: str, aspect: str
) -> None:
    meant = await Understander(shared_client).understand(text)
    assert meant.bare[0].aspect == aspect
    assert meant.bare[0].confidence >= 0.5


@pytest.mark.parametrize(
    ("text", "procedure"),
    [
        ("không, ý tôi là khai tử", "khai_tu"),
        ("nhầm, đăng ký kết hôn cơ", "ket_hon"),
        ("không phải khai sinh, khai tử", "khai_tu"),
    ],
)
async def test_a_correction_is_understood_by_what_is_meant(
    shared_client: NluClient, text: str, procedure: str
) -> None:
    meant = await Understander(shared_client).understand(text)
    assert meant.correction is not None
    assert (meant.procedure, meant.name_only) == (procedure, True)
