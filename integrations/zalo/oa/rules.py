"""Zalo's error codes: three tables, because the same number means other things elsewhere.

OA_RULES     openapi.zalo.me (fact sheet 1.6)
ZBS_RULES    business.openapi.zalo.me, templates by phone (fact sheet 5)
OAUTH_RULES  oauth.zaloapp.com (fact sheet 2)

The token family has been seen as -216, 216, -220, -401, 401 (and HTTP 401); templates by
phone have -124 besides. -242 and -1241 (wrong ``appsecret_proof``) are not of that family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from integrations.zalo.oa.errors import HOUR, MINUTE, NO_TOKEN, Action, Rule

Rules = Mapping[int, Rule]

_CALL = "Hãy gọi điện hoặc nhắn SMS cho người dân."


def _retry(code: int, wait: float, sentence: str, *, tell: bool = False) -> Rule:
    return Rule(code, Action.RETRY, sentence, wait, tell)


def _mend(code: int, sentence: str) -> Rule:
    return Rule(code, Action.TELL_OFFICER, sentence, HOUR)


def _give_up(code: int, sentence: str) -> Rule:
    return Rule(code, Action.GIVE_UP, sentence)


def _elsewhere(code: int, sentence: str) -> Rule:
    return Rule(code, Action.GIVE_UP, f"{sentence} {_CALL}", other_way=True)


def _refresh(code: int) -> Rule:
    return Rule(code, Action.REFRESH, NO_TOKEN)


def _table(*rules: Rule) -> dict[int, Rule]:
    return {rule.code: rule for rule in rules}


_TOKEN = tuple(_refresh(code) for code in (-216, 216, -220, -401, 401))

OA_RULES: Rules = _table(
    *_TOKEN,
    _retry(-32, MINUTE, "Đã gửi quá số tin mỗi phút; hệ thống tự gửi lại."),
    replace(_give_up(-100, "Tệp đính kèm đã quá hạn 7 ngày; cần tải lên lại."), upload_again=True),
    _retry(-200, MINUTE, "Zalo báo gửi không thành công; hệ thống tự gửi lại."),
    _give_up(-201, "Zalo không nhận một tham số của tin (ví dụ người nhận không đúng)."),
    _give_up(-204, "Official Account đã bị xoá."),
    _give_up(-205, "Official Account không tồn tại."),
    _mend(-209, "Ứng dụng Zalo chưa được kích hoạt."),
    _give_up(-210, "Tin vượt giới hạn của Zalo (quá dài hoặc quá nhiều nút)."),
    _mend(-211, "Đã hết hạn mức của gói OA; cần nâng gói hoặc chờ kỳ mới."),
    _mend(-212, "Ứng dụng chưa đăng ký tính năng này; cần bật quyền rồi cấp quyền lại."),
    _elsewhere(-213, "Người dân không quan tâm OA nên không nhận được tin."),
    _retry(-214, MINUTE, "Zalo còn đang xử lý nội dung; hệ thống tự gửi lại."),
    _elsewhere(-217, "Người dân đã chặn lời mời của OA."),
    _retry(-218, HOUR, "Người này đã nhận đủ số tin cho phép; hệ thống gửi lại sau."),
    _mend(-219, "Ứng dụng Zalo đã bị gỡ hoặc bị khoá."),
    _mend(-221, "OA chưa được xác thực."),
    _mend(-223, "OA chưa cấp quyền này cho ứng dụng; cần cấp quyền lại."),
    _mend(-224, "Gói OA hiện tại không cho gửi tin qua OpenAPI; cần nâng gói."),
    _elsewhere(-227, "Tài khoản Zalo bị khoá hoặc không hoạt động quá 45 ngày."),
    _elsewhere(-230, "Người dân không nhắn OA trong 7 ngày qua nên Zalo không cho gửi."),
    _elsewhere(-232, "Người dân chưa từng nhắn OA hoặc đã quá hạn."),
    _give_up(-233, "Zalo không hỗ trợ loại tin này."),
    _retry(-234, HOUR, "Zalo không cho gửi loại tin này từ 22 giờ đến 6 giờ."),
    _give_up(-235, "Loại OA này không được dùng chức năng gửi tin."),
    _mend(-237, "Nhóm Zalo đã bị tắt vì hết hạn gói; cần gia hạn gói nhóm."),
    _give_up(-238, "Gói tính năng đã được dùng."),
    _give_up(-240, "Phiên bản cũ của OpenAPI đã ngừng; cần cập nhật phần mềm."),
    _give_up(-241, "Gói tính năng đã bị tắt."),
    _mend(-242, "Mã chứng thực ứng dụng (appsecret_proof) sai; kiểm tra cài đặt."),
    _elsewhere(-244, "Người dân hạn chế nhận loại tin này."),
    _give_up(-248, "Nội dung bị Zalo từ chối theo chính sách."),
    _give_up(-249, "Mẫu tin này không gửi được theo tài khoản Zalo; hãy gửi theo số điện thoại."),
    _mend(-320, "Cần liên kết tài khoản Zalo Cloud."),
    _mend(-321, "Tài khoản Zalo Cloud hết tiền."),
    _give_up(-403, "OA không ở trong nhóm này."),
)
ARTICLE_QUOTA = _retry(-223, HOUR, "Đã hết hạn mức bài viết của OA; hệ thống thử lại sau.")

_UNFIT = "Mẫu tin thiếu hoặc sai tham số"
ZBS_RULES: Rules = _table(
    *_TOKEN,
    _refresh(-124),
    _retry(-100, 5 * MINUTE, "Zalo báo lỗi chưa rõ khi gửi tin mẫu; hệ thống tự gửi lại."),
    _give_up(-108, "Số điện thoại không đúng."),
    _give_up(-109, "Mã mẫu tin không đúng."),
    _elsewhere(-110, "Ứng dụng Zalo của người dân quá cũ nên không nhận được tin mẫu."),
    _give_up(-111, f"{_UNFIT}: thiếu dữ liệu."),
    _give_up(-112, f"{_UNFIT}: nội dung không hợp lệ."),
    _elsewhere(-114, "Người dân không nhận được tin mẫu của Zalo."),
    _mend(-115, "Tài khoản trả tiền tin mẫu hết tiền."),
    _give_up(-117, "OA hoặc ứng dụng không được dùng mẫu tin này."),
    _elsewhere(-118, "Số điện thoại này không có tài khoản Zalo."),
    _elsewhere(-119, "Tài khoản Zalo của người dân không nhận được tin mẫu."),
    _give_up(-121, "Nội dung gửi tin mẫu bị trống."),
    _give_up(-122, "Nội dung gửi tin mẫu sai định dạng."),
    _mend(-126, "Ví thử nghiệm của tin mẫu hết tiền."),
    _give_up(-127, "Chế độ thử chỉ gửi được cho quản trị viên của OA hoặc ứng dụng."),
    _give_up(-131, "Mẫu tin chưa được Zalo duyệt."),
    _give_up(-132, f"{_UNFIT}: tham số không hợp lệ."),
    _retry(-133, HOUR, "Zalo không cho gửi tin mẫu từ 22 giờ đến 6 giờ; hệ thống gửi lại sau."),
    _mend(-135, "OA chưa được phép gửi tin mẫu."),
    _mend(-136, "Chưa liên kết tài khoản Zalo Cloud để trả tiền tin mẫu."),
    _mend(-137, "Tài khoản Zalo Cloud không trả được tiền tin mẫu."),
    _mend(-138, "Ứng dụng chưa được phép gửi tin mẫu."),
    _elsewhere(-139, "Người dân từ chối nhận loại tin này."),
    _elsewhere(-140, "Người dân không nhận loại tin này."),
    _elsewhere(-141, "Người dân từ chối nhận tin của OA này."),
    _retry(-144, HOUR, "OA đã gửi đủ số tin mẫu trong ngày; hệ thống gửi lại sau.", tell=True),
    _give_up(-145, "OA không được gửi loại tin mẫu này."),
    _mend(-146, "Mẫu tin đã bị Zalo khoá vì chất lượng."),
    _retry(-147, HOUR, "Mẫu tin đã hết số lượt gửi trong ngày; hệ thống gửi lại sau.", tell=True),
    _give_up(-1121, f"{_UNFIT}: tham số quá dài."),
    _give_up(-1122, f"{_UNFIT}: thiếu tham số."),
    _give_up(-1124, f"{_UNFIT}: tham số sai kiểu."),
    _mend(-1241, "Mã chứng thực ứng dụng (appsecret_proof) sai; kiểm tra cài đặt."),
    _mend(-1351, "OA chưa đủ điều kiện gửi tin mẫu."),
    _give_up(-1441, "OA đã hết lượt gửi tin mẫu quảng bá cho tháng này."),
    _give_up(-1471, "Mẫu quảng bá đã hết lượt gửi cho tháng này."),
    _give_up(-1472, "Người dân đã nhận đủ tin mẫu quảng bá trong tháng."),
)

TEMPLATE_RULES: Rules = {**ZBS_RULES, **OA_RULES}
"""Of templates by user: OA codes, and those of templates by phone that the OA does not use."""

_CONSENT = "Quản trị viên OA phải cấp quyền lại: bấm Kết nối lại."
OAUTH_RULES: Rules = _table(
    _mend(-118, f"Mã gia hạn không còn dùng được. {_CONSENT}"),
    _mend(-14002, "Ứng dụng Zalo chưa hoạt động hoặc sai mã ứng dụng; kiểm tra cài đặt."),
    _mend(-14003, "Địa chỉ nhận cấp quyền (callback) không khớp với trang quản lý ứng dụng."),
    _mend(-14004, "Khoá bí mật của ứng dụng (app secret) không đúng; kiểm tra cài đặt."),
    _mend(-14014, f"Mã gia hạn không còn dùng được. {_CONSENT}"),
    _mend(-14020, f"Mã gia hạn đã được dùng hoặc hết hạn. {_CONSENT}"),
    _mend(-14029, "Ứng dụng Zalo chưa được duyệt quyền với OA này."),
)
GRANT_DEAD = frozenset({-118, -14014, -14020})
"""Three observations of one fault; which code it is today no source tells for sure."""
CODE_SPENT = "Mã cấp quyền đã dùng hoặc đã quá 10 phút; hãy bấm Kết nối lại."


def rule_for(code: int, rules: Rules, detail: str = "") -> Rule:
    """The rule of ``code``; an unknown code is tried again and shown to the officer.

    ``detail`` is Zalo's message: -223 says there which of its two meanings it has.
    """
    if code == -223 and rules is OA_RULES and "quota" in detail.lower():
        return ARTICLE_QUOTA
    unknown = "Zalo báo một lỗi chưa biết; hệ thống sẽ thử lại."
    return rules.get(code) or _retry(code, 5 * MINUTE, unknown, tell=True)
