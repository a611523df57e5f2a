"""Headers of parts: ours are read back, strange ones are harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Inbound, InboundKind, InboundPart
from integrations.sms.gateway import GatewayConfig
from integrations.sms.long_sms import Place, arrival, header, place, reference_of, wordless

CONFIG = GatewayConfig("song-phuong", "modem", "gammu", "+84900000001")
CITIZEN = "0912 345 678"


@given(st.integers(0, 10**9), st.integers(2, 255), st.data())
def test_what_we_write_is_read_back(reference: int, total: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, total))
    assert place(header(reference, total, number)) == Place(f"8-{reference % 256}", total, number)


@given(st.binary(max_size=40))
def test_any_header_is_read_or_left_alone(udh: bytes) -> None:
    found = place(udh)
    assert found is None or 1 <= found.number <= found.total <= 255


@pytest.mark.parametrize(
    ("udh", "found"),
    [
        ("050003D30201", Place("8-211", 2, 1)),
        ("06080401D30302", Place("16-467", 3, 2)),
        ("0B05040B8423F0000307020 1".replace(" ", ""), Place("8-7", 2, 1)),  # behind ports
        ("0605040B8423F0", None),
        ("050003D30203", None),  # part 3 of 2
        ("050003D30200", None),
        ("050003D30101", None),  # the only one
        ("05000305", None),
        ("", None),
        ("00", None),
    ],
)
def test_headers_of_phones(udh: str, found: Place | None) -> None:
    assert place(bytes.fromhex(udh)) == found


def test_another_try_has_the_same_reference_and_the_next_message_another() -> None:
    assert reference_of("hotro-1234") == reference_of("hotro-1234") == 1234 % 256
    assert reference_of("hotro-1235") != reference_of("hotro-1234")
    assert reference_of("x") == 0


def test_a_part_keeps_its_half_characters() -> None:
    half = "\ud83d"
    found = arrival(CONFIG, CITIZEN, "7", f"em {half}", Place("8-1", 2, 1))
    assert isinstance(found, InboundPart)
    assert (found.text, found.address, found.provider_id) == (
        f"em {half}",
        "+84912345678",
        "modem:7",
    )
    assert (found.gateway, found.reference, found.total, found.number) == ("modem", "8-1", 2, 1)


@pytest.mark.parametrize("sender", ["VIETTEL", "9029", "+84900000001"])
def test_a_part_of_a_machine_is_an_event(sender: str) -> None:
    found = arrival(CONFIG, sender, "7", "Khuyen mai", Place("8-1", 2, 1))
    assert isinstance(found, Inbound)
    assert (found.kind, found.text, found.event) == (InboundKind.IGNORED, "", "part")


def test_data_are_kept_without_an_answer() -> None:
    found = wordless(CONFIG, CITIZEN, "7", "data")
    assert (found.kind, found.text, found.event) == (InboundKind.IGNORED, "", "data")
    assert found.address == "+84912345678"
