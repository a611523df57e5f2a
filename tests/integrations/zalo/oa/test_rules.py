"""The tables of codes: complete, in Vietnamese, and each code with the right consequence."""

from __future__ import annotations

import re

import pytest

from integrations.zalo.oa.errors import HOUR, Action, RefusedError, Rule
from integrations.zalo.oa.rules import GRANT_DEAD, OA_RULES, OAUTH_RULES, ZBS_RULES, rule_for

# Fact sheet 1.6, section 5, section 2: every code that is written there.
OA_CODES = """
-32 -100 -200 -201 -204 -205 -209 -210 -211 -212 -213 -214 -216 -217 -218 -219 -220 -221 -223
-224 -227 -230 -232 -233 -234 -235 -237 -238 -241 -240 -242 -244 -248 -249 -320 -321 -403
216 401 -401
"""
ZBS_CODES = """
-100 -144 -147 -133 -124 -108 -109 -117 -131 -111 -112 -1121 -1122 -1124 -132 -121 -122 -110
-114 -118 -119 -139 -140 -141 -115 -126 -135 -136 -137 -138 -1351 -146 -145 -1441 -1471 -1472
-127 -1241
"""
OAUTH_CODES = "-14002 -14003 -14029 -14014 -118 -14020"
TABLES = [
    pytest.param(OA_RULES, OA_CODES, id="oa"),
    pytest.param(ZBS_RULES, ZBS_CODES, id="zbs"),
    pytest.param(OAUTH_RULES, OAUTH_CODES, id="oauth"),
]
EVERY = [*OA_RULES.values(), *ZBS_RULES.values(), *OAUTH_RULES.values()]
_ALPHABET = re.compile(r"[à-ỹÀ-Ỹđ]")


@pytest.mark.parametrize(("table", "codes"), TABLES)
def test_every_code_of_the_fact_sheet_has_a_rule(table: dict[int, Rule], codes: str) -> None:
    assert {int(code) for code in codes.split()} <= set(table)
    assert all(rule.code == code for code, rule in table.items())


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: str(rule.code))
def test_an_officer_can_read_each_rule(rule: Rule) -> None:
    assert rule.sentence.endswith(".")
    assert _ALPHABET.search(rule.sentence)
    assert rule.wait > 0
    assert str(rule.code) in rule.reason


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: str(rule.code))
def test_flags_go_with_their_actions(rule: Rule) -> None:
    if rule.other_way:
        assert rule.action is Action.GIVE_UP
        assert "SMS" in rule.sentence
    if rule.action is Action.TELL_OFFICER:
        assert rule.wait == HOUR
    if rule.action is not Action.RETRY:
        assert rule.tell_officer


def test_who_is_to_be_reached_otherwise() -> None:
    assert {r.code for r in OA_RULES.values() if r.other_way} == {
        -213, -217, -227, -230, -232, -244,
    }  # fmt: skip
    assert {r.code for r in ZBS_RULES.values() if r.other_way} == {
        -110, -114, -118, -119, -139, -140, -141,
    }  # fmt: skip


def test_the_token_family() -> None:
    refresh = {code for code, rule in OA_RULES.items() if rule.action is Action.REFRESH}
    assert refresh == {-216, 216, -220, -401, 401}
    assert ZBS_RULES[-124].action is Action.REFRESH
    assert -124 not in OA_RULES
    for table, code in ((OA_RULES, -242), (ZBS_RULES, -1241)):
        assert table[code].action is Action.TELL_OFFICER


def test_the_same_number_means_other_things() -> None:
    assert OA_RULES[-100].upload_again
    assert ZBS_RULES[-100].action is Action.RETRY
    assert OAUTH_RULES[-118].sentence != ZBS_RULES[-118].sentence
    assert set(OAUTH_RULES) >= GRANT_DEAD


@pytest.mark.parametrize(
    ("detail", "action"),
    [
        ("OA has not granted this API to the app", Action.TELL_OFFICER),
        ("", Action.TELL_OFFICER),
        ("Article quota is exceeded", Action.RETRY),
    ],
)
def test_the_two_meanings_of_223(detail: str, action: Action) -> None:
    assert rule_for(-223, OA_RULES, detail).action is action


def test_an_unknown_code_is_tried_again_and_shown() -> None:
    rule = rule_for(-99999, OA_RULES)
    assert (rule.code, rule.action, rule.tell_officer) == (-99999, Action.RETRY, True)


def test_an_error_does_not_show_what_zalo_quoted() -> None:
    fault = RefusedError(OA_RULES[-201], "user_id 111 is invalid")
    assert "111" not in f"{fault}{fault.reason}"
