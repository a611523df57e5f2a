"""``hotro officer`` and ``hotro board``."""

from __future__ import annotations

from bot.clock import LOCAL
from bot.core import Core, StartError, open_core
from bot.settings import Settings
from bot.store import boards, officers


def _known(core: Core, commune: str) -> None:
    if commune not in core.library().communes:
        known = ", ".join(core.library().communes)
        raise StartError(f"không có xã {commune}; các xã đang có: {known}")


async def add_officer(
    settings: Settings, commune: str, username: str, name: str, password: str
) -> str:
    """Make an account.

    Raises:
        StartError: unknown commune, bad or taken username, short password.
    """
    async with open_core(settings) as core:
        _known(core, commune)
        try:
            async with core.store.write() as session:
                await officers.add(session, commune, username, name, password, core.clock.now())
        except ValueError as error:
            raise StartError(str(error)) from error
    return (
        f"Đã tạo tài khoản {username} cho xã {commune}. Đăng nhập tại {settings.base_url}/console"
    )


async def reset_password(settings: Settings, username: str, password: str) -> str:
    """Set a new password and end the officer's logins.

    Raises:
        StartError: no such officer, or a short password.
    """
    async with open_core(settings) as core:
        try:
            async with core.store.write() as session:
                if not await officers.set_password(session, username, password):
                    raise StartError(f"không có cán bộ tên đăng nhập {username}")
        except ValueError as error:
            raise StartError(str(error)) from error
    return f"Đã đổi mật khẩu của {username}."


async def list_officers(settings: Settings) -> str:
    """One line an officer."""
    async with open_core(settings) as core, core.store.read() as session:
        rows = await officers.listing(session)
    lines = [f"{o.commune}\t{o.username}\t{o.name}" for o in rows]
    return "\n".join(lines) or "Chưa có cán bộ nào. Tạo bằng: hotro officer add"


async def add_board(
    settings: Settings, commune: str, code: str, place: str, procedure: str | None
) -> str:
    """Make a board.

    Raises:
        StartError: unknown commune or procedure, or a code in use.
    """
    async with open_core(settings) as core:
        _known(core, commune)
        if procedure is not None and procedure not in core.library().procedures:
            raise StartError(f"không có thủ tục {procedure}")
        async with core.store.write() as session:
            made = await boards.add(session, code, commune, place, procedure, core.clock.now())
    if not made:
        raise StartError(f"mã bảng {code} đã dùng rồi")
    return f"Đã thêm bảng {code}: {settings.base_url}/q/{code} (in mã QR ở /console/boards)"


async def list_boards(settings: Settings, commune: str) -> str:
    """One line a board, with its scans."""
    async with open_core(settings) as core, core.store.read() as session:
        rows = await boards.listing(session, commune, core.clock.now())
    lines = [
        f"{row.board.code}\t{row.board.place}\t{row.board.procedure or '-'}\t"
        f"{row.total} lượt quét"
        + (f", gần nhất {row.last_at.astimezone(LOCAL):%d/%m/%Y}" if row.last_at else "")
        for row in rows
    ]
    return "\n".join(lines) or "Chưa có bảng nào."
