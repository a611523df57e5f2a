"""The library's typed events: every name of the catalogue, from shapes with invented values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zalo.oa.event_body import Body, phone_digits
from integrations.zalo.oa.events import (
    CATALOGUE,
    MEDIA_KINDS,
    Anonymous,
    Attachment,
    ChatOpened,
    Echo,
    Event,
    Feedback,
    Follow,
    GroupChange,
    GroupEcho,
    GroupMedia,
    GroupText,
    Management,
    Reaction,
    Received,
    Seen,
    TemplateDelivered,
    Unfollow,
    Unknown,
    UserInfo,
    UserMedia,
    UserText,
    Withdrawn,
    parse,
)
from tests.integrations.zalo.conftest import ACCOUNT, USER

FOLDER = Path(__file__).parent / "payloads"
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.json"))}
GROUP = "4440005550006660007"
OFFICER = "3332221110009998887"
WORDS = "text image gif sticker audio video file link location business_card"
CLASSES: dict[type[Event], str] = {
    UserText: "user_send_text",
    UserMedia: """user_send_image user_send_gif user_send_sticker user_send_audio user_send_video
        user_send_file user_send_link user_send_location user_send_business_card""",
    Follow: "follow",
    Unfollow: "unfollow",
    ChatOpened: "user_click_chatnow",
    Withdrawn: "user_withdraw",
    UserInfo: "user_submit_info",
    Received: "user_received_message",
    Seen: "user_seen_message",
    Echo: """oa_send_text oa_send_image oa_send_gif oa_send_list oa_send_file oa_send_sticker
        oa_send_template oa_send_link oa_send_video""",
    GroupText: "user_send_group_text",
    GroupMedia: """user_send_group_image user_send_group_gif user_send_group_sticker
        user_send_group_audio user_send_group_video user_send_group_file user_send_group_link
        user_send_group_location user_send_group_business_card""",
    GroupEcho: " ".join(f"oa_send_group_{kind}" for kind in WORDS.split()),
    GroupChange: """create_group update_group_info delete_group disperse_group user_join_group
        user_out_group user_leave_group user_request_join_group accept_request_join_group
        react_request_join_group react_request_join_group_accept reject_request_join_group
        react_request_join_group_reject add_group_admin remove_group_admin""",
    Reaction: "user_reacted_message oa_reacted_message",
    Anonymous: """anonymous_send_text anonymous_send_image anonymous_send_file
        anonymous_send_sticker oa_send_anonymous_text oa_send_anonymous_image
        oa_send_anonymous_file oa_send_anonymous_sticker""",
    Feedback: "user_feedback user_click_response_button",
    Management: """permission_revoked extension_purchased change_oa_daily_quota
        change_oa_template_tags change_template_status change_template_quality
        change_template_quota event_journey_acknowledged event_journey_time_out add_user_to_tag
        remove_user_from_tag remove_tag update_user_info widget_interaction_accepted
        widget_failed_to_sync_user_external_id oa_send_consent user_reply_consent oa_call_user
        user_call_oa shop_has_order user_click_button user_click_link""",
}
EXPECTED = {name: kind for kind, names in CLASSES.items() for name in names.split()}
VARIANTS: dict[str, type[Event]] = {
    "user_send_text_quote": UserText,
    "user_send_text_number_ids": UserText,
    "user_submit_info_new": UserInfo,
    "user_submit_info_phone_local": UserInfo,
    "user_submit_info_no_phone": UserInfo,
    "user_received_message_zbs": TemplateDelivered,
    "user_received_message_zbs_hash": TemplateDelivered,
    "oa_send_text_by_officer": Echo,
    "oa_send_audio_new_kind": Echo,
    "oa_send_group_text_by_officer": GroupEcho,
    "user_send_group_text_quote": GroupText,
    "user_send_group_text_quote_copy": GroupText,
    "user_send_group_poll_new_kind": GroupMedia,
    "change_template_quality_old": Management,
    "change_template_status_rejected": Management,
    "unknown_event": Unknown,
}


def load(name: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(FILES[name].read_bytes())
    return payload


def event(name: str) -> Any:
    return parse(load(name))


def test_the_catalogue_is_the_table_above() -> None:
    assert set(EXPECTED) == CATALOGUE
    assert set(MEDIA_KINDS) == set(WORDS.split()) - {"text"}


def test_every_name_has_a_recorded_example_and_every_example_a_place() -> None:
    assert set(FILES) == CATALOGUE | set(VARIANTS)
    for name in CATALOGUE:
        assert load(name)["event_name"] == name


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_example_is_of_its_class(name: str) -> None:
    found = event(name)
    assert type(found) is (EXPECTED | VARIANTS)[name]
    assert found.name == load(name)["event_name"]
    assert found.app_id == ACCOUNT.app_id
    assert found.at == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    if name != "user_send_group_text_quote_copy":
        assert found.oa_id == ACCOUNT.oa_id
    assert getattr(found, "user", USER) in (USER, "")
    assert getattr(found, "group", GROUP) == GROUP


def test_a_group_message_may_not_say_whose_it_is() -> None:
    assert event("user_send_group_text_quote_copy").oa_id == ""


def test_ids_may_be_numbers_beyond_53_bits() -> None:
    found = event("user_send_text_number_ids")
    assert (found.user, found.message_id) == (USER, "12345678901234567890")


def test_texts_and_quotes() -> None:
    assert event("user_send_text").text == "làm giấy khai sinh cần những gì ạ 🙏"
    assert (event("user_send_text").quoted, event("user_send_text_quote").quoted) == ("", "b0")
    assert event("user_send_group_text_quote").quoted == "b7"
    assert event("user_send_group_text_quote_copy").quoted == "b8"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "user_send_file",
            Attachment(
                "file", "https://photo.example.vn/to-khai.pdf", name="to-khai.pdf", size="20480"
            ),
        ),
        (
            "user_send_location",
            Attachment("location", latitude="21.0900001", longitude="105.6700002"),
        ),
        ("user_send_sticker", Attachment("sticker", "https://photo.example.vn/s.png", id="0e078a")),
        (
            "user_send_business_card",
            Attachment(
                "link",
                "https://zalo.me/vi-du",
                "https://photo.example.vn/c.jpg",
                description='{"phone":"84900000001","qrCodeUrl":"https://qr.example.vn/1"}',
                phone="84900000001",
            ),
        ),
    ],
)
def test_attachments(name: str, expected: Attachment) -> None:
    assert event(name).attachments == (expected,)
    assert event(name).kind == name.removeprefix("user_send_")


def test_sizes_and_coordinates_may_be_numbers() -> None:
    payload = load("user_send_location")
    place = {"latitude": 21.09, "longitude": float("nan")}
    payload["message"]["attachments"] = [{"payload": {"coordinates": place, "size": 4096}}, "x"]
    assert parse(payload).attachments == (Attachment("", latitude="21.09", size="4096"),)  # type: ignore[attr-defined]


@pytest.mark.parametrize("description", ["{", "{}", "[]", "x", '{"phone":' + "[" * 9999, "{1}"])
def test_a_card_without_a_number(description: str) -> None:
    payload = load("user_send_business_card")
    payload["message"]["attachments"][0]["payload"]["description"] = description
    assert parse(payload).attachments[0].phone == ""  # type: ignore[attr-defined]


def test_info_in_the_old_and_the_new_shape() -> None:
    old, new = event("user_submit_info"), event("user_submit_info_new")
    assert (old.full_name, old.phone) == (new.full_name, new.phone)
    assert old.fields == {"city": "Hà Nội", "ward": "xã Ví Dụ", "address": "thôn 1"}
    assert new.fields == old.fields | {"dob": "01/01/1990", "gender": "1"}


@pytest.mark.parametrize(
    ("given", "digits"),
    [
        ("84900000001", "84900000001"),
        (84900000001, "84900000001"),
        ("+84 900 000 001", "84900000001"),
        ("0084900000001", "84900000001"),
        ("0900.000.001", "84900000001"),
        (900000001, "84900000001"),
        (841234567, "84841234567"),
        ("+15550100000", "15550100000"),
        ("٠٩", ""),
        ("", ""),
        (None, ""),
        (True, ""),
        ([84900000001], ""),
    ],
)
def test_phone_numbers(given: object, digits: str) -> None:
    assert phone_digits(given) == digits


def test_one_name_for_two_deliveries() -> None:
    assert event("user_received_message").message_id == "a1b2c3d4e5f60718000c"
    zbs = event("user_received_message_zbs")
    assert (zbs.phone, zbs.tracking_id) == ("84900000001", "nhac-1")
    assert zbs.delivered_at == datetime(2026, 11, 20, 2, 0, 0, 500_000, tzinfo=UTC)
    hashed = event("user_received_message_zbs_hash")
    assert (len(hashed.phone), hashed.tracking_id) == (64, "")


def test_several_are_seen_at_once_and_each_counts_once() -> None:
    payload = load("user_seen_message")
    assert len(event("user_seen_message").message_ids) == 3
    payload["message"]["msg_ids"] = ["a", 7, {}, "a", "x\x00"]
    assert parse(payload).message_ids == ("a", "7")  # type: ignore[attr-defined]
    payload["message"] = {"msg_id": "b"}
    assert parse(payload).message_ids == ("b",)  # type: ignore[attr-defined]


def test_who_wrote_what_went_out() -> None:
    assert event("oa_send_text").admin_id == ""
    assert event("oa_send_text_by_officer").admin_id == OFFICER
    assert event("oa_send_group_text_by_officer").admin_id == OFFICER
    assert (event("oa_send_image").kind, event("oa_send_image").text) == ("image", "mẫu tờ khai")
    assert event("oa_send_audio_new_kind").kind == "audio"
    assert event("user_send_group_poll_new_kind").kind == "poll"


def test_who_joined() -> None:
    assert event("user_join_group").users == (USER, "1112223334445556668")
    assert event("user_leave_group").users == (USER,)
    assert event("create_group").users == ()


def test_visitors_of_a_web_page() -> None:
    asked, answered = event("anonymous_send_text"), event("oa_send_anonymous_text")
    assert (asked.visitor, asked.conversation, asked.by_oa) == ("x1", "c1", False)
    assert (answered.visitor, answered.conversation, answered.by_oa) == ("x1", "c1", True)
    assert event("oa_send_anonymous_file").kind == "file"


def test_reactions_and_feedback() -> None:
    assert [event(f"{who}_reacted_message").by_oa for who in ("user", "oa")] == [False, True]
    rated, tapped = event("user_feedback"), event("user_click_response_button")
    assert (rated.rate, rated.note, rated.tracking_id, rated.user) == ("5", "hài lòng", "t1", "")
    assert (tapped.message_id, tapped.choice) == ("z1", "Tôi sẽ đến")


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("change_template_status", "1: PENDING_REVIEW → ENABLE"),
        ("change_template_status_rejected", "1: PENDING_REVIEW → REJECT (Nội dung chưa rõ)"),
        ("change_template_quality", "1: MEDIUM"),
        ("change_template_quality_old", "1: HIGH → MEDIUM"),
        ("change_template_quota", "1: 500 → 1000"),
        ("change_oa_daily_quota", "500 → 1000"),
        ("change_oa_template_tags", "1 → 1, 2"),
        ("remove_tag", "khai sinh"),
        ("user_reply_consent", "ALLOW"),
        ("oa_call_user", "call-1: 0"),
        ("widget_failed_to_sync_user_external_id", "ext-1 (user already has user_external_id)"),
        ("permission_revoked", ""),
    ],
)
def test_what_changed_in_one_line(name: str, detail: str) -> None:
    assert event(name).detail == detail


@pytest.mark.parametrize("name", ["oa_send_", "user_send_group_", "user_send_hologram", "", "x"])
def test_no_other_name_is_guessed_at(name: str) -> None:
    assert isinstance(parse(load("user_send_text") | {"event_name": name}), Unknown)


def test_an_empty_body_is_an_unknown_event() -> None:
    assert parse({}) == Unknown("", "", "", None, "")


def test_absurd_times_are_unknown_times() -> None:
    for value in (10**14, "soon", -5, 1.5, None, "٣", 10**40):
        found = parse(load("user_send_text") | {"timestamp": value})
        assert found.at is None or found.at.year > 5000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from([*sorted(CATALOGUE), "", "x", "oa_send_hologram", "oa_send_\ud800"])
sides = st.sampled_from([{"id": USER}, {"id": ACCOUNT.oa_id}, {"id": GROUP}]) | json_values
messages = st.fixed_dictionaries(
    {},
    optional={
        "text": json_values,
        "msg_id": json_values | st.just("m1"),
        "msg_ids": json_values,
        "quote_msg": json_values,
        "tracking_id": json_values,
        "attachments": st.lists(
            st.fixed_dictionaries({}, optional={"type": json_values, "payload": json_values})
            | json_values,
            max_size=3,
        ),
    },
)
near_events = st.fixed_dictionaries(
    {},
    optional={
        "event_name": names | json_values,
        "sender": sides,
        "recipient": sides,
        "message": messages | json_values,
        "info": json_values | st.fixed_dictionaries({"phone": json_values}),
        "oa_id": json_values | st.just(ACCOUNT.oa_id),
        "timestamp": json_values | st.just("1795140000000"),
    }
    | dict.fromkeys(
        ("follower", "user_id", "group_id", "users", "data", "tag", "status", "quota", "reason"),
        json_values,
    ),
)
any_object = near_events | st.dictionaries(st.text(), json_values, max_size=5)
IDS = ("oa_id", "app_id", "user_by_app", "user", "group", "message_id", "quoted", "admin_id")
MORE_IDS = ("tracking_id", "visitor", "conversation", "phone")


@given(any_object)
def test_any_object_is_an_event_with_ids_that_can_be_stored(payload: dict[str, object]) -> None:
    found = parse(payload)
    ids = [getattr(found, name, "") for name in (*IDS, *MORE_IDS)]
    ids += [*getattr(found, "users", ()), *getattr(found, "message_ids", ())]
    for one in ids:
        assert isinstance(one, str)
        assert len(one) <= 300
        assert one.isascii()
        assert "\x00" not in one
    assert found.at is None or found.at.tzinfo is not None
    found.name.encode()
    assert all(Body(payload).parties)
