"""Words by which people say that they were taken wrongly, folded.

The tables of :mod:`bot.understanding.corrections`; nothing here decides anything.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    found = {tuple(phrase.split()) for phrase in text.split(",")}
    return tuple(sorted(found, key=len, reverse=True))


ACCENTS = {
    "hoi": "hỏi", "noi": "nói", "bao": "bảo", "nham": "nhầm", "lon": "lộn", "lam": "lầm",
    "ma": "mà", "co": "cơ", "mo": "mờ", "chu": "chứ", "y": "ý",
}  # fmt: skip
"""How words are accented that are other words otherwise ("hồi", "nói nhảm", "mấy chú")."""
NEVER_PLAIN = frozenset(["bao", "mo", "chu", "lam"])
"""Those that count only with their accents: "bao lâu", "chú", "làm" are far more common."""
SPOKEN = frozenset(["hoi", "noi", "bao", "chu"])

SHORT = {
    "k": "khong", "ko": "khong", "kg": "khong", "hk": "khong", "hok": "khong", "hong": "khong",
    "hem": "khong", "hum": "khong", "hog": "khong", "khg": "khong", "hông": "khong",
    "hổng": "khong", "nỏ": "khong", "e": "em", "t": "toi", "m": "minh", "mk": "minh",
    "mik": "minh", "tui": "toi", "r": "roi", "rui": "roi", "rùi": "roi", "p": "phai",
    "pai": "phai", "ni": "nay", "nớ": "do", "rứa": "vay", "rua": "vay",
}  # fmt: skip
"""Short and dialect spellings of the words that correct; "kp" stands for two."""
MYSELF = _words("toi em minh chau con bac chu co anh chi ong ba to tao bon nguoi nha chung")
YOU = _words("ban ad admin bot may shop can bo em anh chi ben day minh toi chau con bac co chu")
FILLERS = _words(
    "da a ah ay o oi u uh um ua vang thua xin loi sorry ad admin shop can bo troi ha he em anh "
    "chi ban nay nhe nha ak"
)
SAYS = _phrases(
    "hoi, noi, bao, muon hoi, can hoi, dang hoi, chi hoi, muon noi, dinh hoi, dang noi, co hoi,"
    "muon biet, dang can hoi, hoi ve, noi ve, muon hoi ve, dang hoi ve, hoi la, noi la, hoi den,"
    "nhac den, bao la, hoi cai, muon lam, can lam, hoi cho, dinh lam, muon noi la, muon noi den"
)
THAT = _phrases(
    "the, vay, nhu the, nhu vay, cai do, cai nay, cai kia, cai ay, y do, y nay, viec do, viec nay,"
    "cau do, cau nay, dau, may cai do, nhung cai do, thu do, cai toi hoi, cai em hoi, y toi, y em,"
    "y minh, cai minh hoi, y, cai toi can, cai em can, ma, a, ha, giay do, giay nay, do, roi"
)
NOT_SO = _phrases(
    "khong phai, khong dung, chua dung, dau phai, dau co, khong co hoi, dau co hoi, khong hoi,"
    "co hoi, khong noi, chang phai, khong phai la, chu khong phai"
)
MISTAKES = ("nham", "sai", "lon", "lam")
MISTAKEN = _words("hieu nghe tra noi hoi nhan bam go chon doc tra loi")
AFTER_MISTAKE = _words(
    "roi mat het ca y cau toi em minh chau con bac a ah thi bet be oi ad nha nhe"
)
ENDS = ("ma", "co", "kia", "mo", "chu")
"""At the end they insist: "tôi hỏi lệ phí mà", "khai tử cơ"."""
INSISTS = frozenset(["cơ", "kia", "kìa"])
"""They insist beyond doubt, as accented words."""
SOFT = _words(
    "a ah ay do day nhe nha oi ad em anh chi bac co chu can bo ban vay the luon ha thoi dc"
)
SO = _words("la thi rang phai ma a co")
DENIES = _phrases("khong phai, khong hoi, dau phai, dau co hoi, khong noi")
WONDERS = _words("à á hả hở")
BUT_NOT = _phrases("chu khong phai, chu dau phai, chu khong, chu dau co, chu khong hoi")
ABOUT = _phrases(
    "le phi, phi, tien, thoi gian, thoi han, bao lau, giay to, ho so, noi nop, o dau, dia chi,"
    "online, qua mang, tren mang, truc tuyen, cach lam, thu tuc, dieu kien, bao nhieu, may ngay"
)
CALLS = _words("a oi em ad")
"""May stand between "không" and what follows."""
