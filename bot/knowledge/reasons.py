"""What pydantic found wrong, in an officer's words."""

from __future__ import annotations

from typing import Any, Final

_REASONS: Final[dict[str, str]] = {
    "missing": "thiếu mục “{name}”",
    "extra_forbidden": "mục “{name}” không có trong mẫu (có thể gõ nhầm)",
    "string_type": "“{name}” phải là chữ (đặt trong dấu ngoặc kép nếu là số)",
    "string_too_short": "“{name}” không được để trống",
    "string_pattern_mismatch": "“{name}” viết không đúng dạng {pattern}",
    "string_unicode": "“{name}” có ký tự không hợp lệ",
    "literal_error": "“{name}” phải là một trong: {expected}",
    "int_type": "“{name}” phải là số nguyên",
    "int_parsing": "“{name}” phải là số nguyên",
    "tuple_type": "“{name}” phải là một danh sách",
    "list_type": "“{name}” phải là một danh sách",
    "dict_type": "“{name}” phải là một nhóm mục",
    "model_type": "“{name}” phải là một nhóm mục",
    "too_short": "“{name}” phải có ít nhất {min_length} phần",
    "too_long": "“{name}” chỉ được có nhiều nhất {max_length} phần",
}
_NOT_A_NAME: Final = frozenset({"[key]", "int", "str"})
"""Parts of a place that pydantic adds: a key itself, the branch of a union."""
_DATE: Final = "“{name}” phải là ngày dạng 2026-11-22"
_TIME: Final = "“{name}” phải là giờ dạng 07:30"


def reason_of(error: Any) -> str:
    """The reason for one entry of ``ValidationError.errors()``."""
    kind = str(error["type"])
    template = _REASONS.get(kind)
    if template is None:
        template = _by_family(kind)
    names = [str(part) for part in error["loc"] if part not in _NOT_A_NAME]
    context = {k: str(v) for k, v in (error.get("ctx") or {}).items()}
    return template.format_map(
        {"pattern": "", "expected": "", "min_length": "", "max_length": ""}
        | context
        | {"name": _name(names), "message": str(error["msg"])}
    )


def _by_family(kind: str) -> str:
    if kind.startswith(("date_", "datetime_")):
        return _DATE
    if kind.startswith("time_"):
        return _TIME
    return "“{name}” không hợp lệ: {message}"


def _name(names: list[str]) -> str:
    """The last name of a place, with its position when it is one of a list."""
    if not names:
        return "tệp"
    if names[-1].isdigit() and len(names) > 1:
        return f"{names[-2]} (phần {int(names[-1]) + 1})"
    return names[-1]
