"""The way from a page to the commune's announcements."""

from __future__ import annotations

from bot.announcing.desk import AnnouncementDesk
from bot.store.announcements import NotAllowed
from console.around import sentence
from console.guard import Refused, Visit

NOT_HERE = "Hệ thống này chưa bật phần thông báo."


def desk_of(visit: Visit) -> AnnouncementDesk:
    """What the page works with.

    Raises:
        Refused: there is nothing, or the commune is not known to the content.
    """
    desk = visit.desk.announcements
    if desk is None:
        raise Refused(404, NOT_HERE)
    try:
        desk.commune(visit.login.commune)
    except NotAllowed as error:
        raise Refused(409, going(error)) from error
    return desk


def going(error: NotAllowed) -> str:
    """Why something cannot be done, as a sentence of its own."""
    return sentence(str(error))
