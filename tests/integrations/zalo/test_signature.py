"""The MAC: plain SHA-256 over app id, raw body, timestamp and secret, in that order."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from integrations.zalo.oa import signature

RAW = '{"text":"xin chào"}'.encode()


def test_the_formula() -> None:
    expected = hashlib.sha256(b"9" + RAW + b"1700000000000" + b"secret").hexdigest()
    assert signature.mac("9", RAW, "1700000000000", "secret") == expected
    assert signature.header_value("9", RAW, "1700000000000", "secret") == f"mac={expected}"


def test_the_prefix_is_optional_and_the_case_does_not_matter() -> None:
    value = signature.mac("9", RAW, "1", "s")
    for header in (value, f"mac={value}", f"mac={value.upper()}", f" mac={value} "):
        assert signature.verify(header, "9", RAW, "1", "s")


def test_an_empty_secret_verifies_nothing() -> None:
    assert not signature.verify(signature.mac("9", RAW, "1", ""), "9", RAW, "1", "")


@given(st.text(max_size=12), st.binary(max_size=300), st.text(max_size=20), st.text(min_size=1))
def test_what_is_signed_verifies(app: str, raw: bytes, timestamp: str, secret: str) -> None:
    header = signature.header_value(app, raw, timestamp, secret)
    assert signature.verify(header, app, raw, timestamp, secret)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_one_changed_byte_does_not(raw: bytes, data: st.DataObject) -> None:
    header = signature.header_value("9", raw, "1", "secret")
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
    assert not signature.verify(header, "9", changed, "1", "secret")


@given(
    st.fixed_dictionaries({"app_id": st.text(max_size=9), "timestamp": st.text(max_size=15)}),
    st.text(min_size=1, max_size=20),
    st.sampled_from(["app_id", "timestamp", "oa_secret"]),
    st.data(),
)
def test_nor_does_one_changed_character_of_anything_else(
    words: dict[str, str], secret: str, which: str, data: st.DataObject
) -> None:
    given_words = {**words, "oa_secret": secret}
    at = data.draw(st.integers(0, len(given_words[which])))
    added = data.draw(st.characters(codec="utf-8"))
    longer = given_words[which][:at] + added + given_words[which][at:]
    app_id, timestamp, oa_secret = given_words.values()
    header = signature.header_value(app_id, RAW, timestamp, oa_secret)
    app_id, timestamp, oa_secret = {**given_words, which: longer}.values()
    assert not signature.verify(header, app_id, RAW, timestamp, oa_secret)


@given(st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_nor_does_one_changed_digit_of_the_mac(at: int, digit: str) -> None:
    right = signature.mac("9", RAW, "1", "secret")
    wrong = right[:at] + digit + right[at + 1 :]
    assert signature.verify(f"mac={wrong}", "9", RAW, "1", "secret") is (wrong == right)


def test_a_keyed_hash_is_not_taken_for_it() -> None:
    """Public code uses HMAC, or the OA's id first: neither is Zalo's (fact sheet 3.2)."""
    said = b"9" + RAW + b"1"
    keyed = [hmac.new(b"secret", one, "sha256").hexdigest() for one in (RAW, said)]
    oa_first = hashlib.sha256(b"777" + RAW + b"1secret").hexdigest()
    for wrong in (*keyed, oa_first):
        assert not signature.verify(f"mac={wrong}", "9", RAW, "1", "secret")


@given(st.text(st.characters(), max_size=80))
def test_no_header_raises(header: str) -> None:
    assert not signature.verify(header, "9", RAW, "1", "secret")


def test_lone_surrogates_are_wrong_not_fatal() -> None:
    assert not signature.verify("mac=\udcff", "9", RAW, "\ud800", "secret")
