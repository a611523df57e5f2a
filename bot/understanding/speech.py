"""Words by which people ask and join questions: what the cutting of messages goes by.

The tables of :mod:`bot.understanding.questions`; nothing here decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.text import fold

Phrases: TypeAlias = frozenset[tuple[str, ...]]


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


def _phrases(*texts: str) -> Phrases:
    return frozenset(tuple(phrase.split()) for text in texts for phrase in text.split(","))


def _plain(phrases: Phrases) -> Phrases:
    return frozenset(tuple(map(fold, phrase)) for phrase in phrases)


@dataclass(frozen=True)
class Speech:
    """The words that count, as they are written with diacritics, or without."""

    asks: Phrases
    """ "gì", "bao lâu"."""
    how_many: frozenset[str]
    """ "mấy", which asks before :data:`_COUNTED` only."""
    counted: frozenset[str]
    no_question: Phrases
    """What only looks like one of ``asks``: "bản sao"."""
    about: Phrases
    """What is asked about in few words: "còn lệ phí", "cho hỏi thời gian và lệ phí"."""
    and_what: Phrases
    """ "còn": kept where a clause begins, for without it little may be left."""
    joins: Phrases
    """Dropped where a clause begins."""
    heads: Phrases
    """Begin a question even where nothing joins it to the one before: "cần gì nộp ở đâu"."""

    @property
    def longest(self) -> int:
        """Words of the longest phrase."""
        every = (self.asks, self.no_question, self.about, self.and_what, self.joins, self.heads)
        return max(len(phrase) for phrases in every for phrase in phrases)


# --- with diacritics ----------------------------------------------------------------------

_CHAT = "j, ji, gj, bn, bnhieu, bnhiu, blau, bao h, bh, ntn, bn tiền, đâu v"
_COUNTED = _words("ngày giờ tiền bản tháng tuần năm người bữa bựa hôm tờ đồng nghìn trăm loại bước")
_JOINS = _phrases(
    "và, mà, à mà, rồi, với lại, với, vs, với cả, xong, xong rồi, đồng thời, ngoài ra, thêm nữa,"
    "cùng với, cũng như, nhưng mà, sẵn tiện, sẵn, tiện thể, nhân tiện, luôn tiện, tiện, r,"
    "hỏi thêm, cho hỏi thêm, cho em hỏi thêm, cho tôi hỏi thêm, cho hỏi luôn, hỏi luôn,"
    "cho em hỏi luôn, em hỏi thêm, tôi hỏi thêm, mà cho hỏi, rồi cho hỏi, và cho hỏi,"
    "sẵn cho hỏi, tiện cho hỏi, sẵn tiện cho hỏi, sẵn tiện cho em hỏi, tiện thể cho hỏi,"
    "tiện thể cho em hỏi, với lại cho hỏi, với lại cho em hỏi, à mà cho hỏi, và cả"
)
_HEADS = _phrases(
    "mất bao nhiêu, mất mấy, mất bao lâu, hết bao nhiêu, hết mấy, bao lâu, bao nhiêu tiền, bn tiền,"
    "bao giờ có, bao giờ thì, khi nào có, nộp ở đâu, nộp đâu, làm ở đâu, lệ phí, phí bao nhiêu,"
    "có mất tiền, có mất phí, có tốn, mấy ngày có, mất tiền không, mất bn"
)
ACCENTED = Speech(
    asks=_phrases(
        "gì, nào, đâu, sao, bao nhiêu, bao lâu, bao giờ, bao xa, ai, hả, hở, nhiêu, mô, răng, giề,"
        "cần chi, giấy chi, làm chi, tờ chi, những chi, mang chi, nộp chi, tốn chi",
        _CHAT,
    ),
    how_many=_words("mấy"),
    counted=_COUNTED,
    no_question=_phrases(
        "sao y, sao lục, sao kê, bản sao, không sao, mô tô, răng hàm, bằng cách nào đó, mặt mô"
    ),
    about=_phrases(
        "lệ phí, phí, chi phí, tiền, tiền nong, thời gian, thời hạn, hạn, giấy tờ, hồ sơ, nơi nộp,"
        "chỗ nộp, địa chỉ, địa điểm, giờ làm việc, online, điều kiện, làm online, nộp online"
    ),
    and_what=_phrases("còn, thế còn, vậy còn, rứa còn, còn về"),
    joins=_JOINS,
    heads=_HEADS,
)

# --- without ------------------------------------------------------------------------------
# "may", "dau", "chi", "mo", "rang" may be several words: only longer phrases count.

_UNPLAIN = _phrases("đâu, chi, mô, răng, hả, hở, tiện, hạn, tiền")
PLAIN = Speech(
    asks=_plain(ACCENTED.asks - _UNPLAIN)
    | _phrases(
        "o dau, di dau, den dau, toi dau, nop dau, ra dau, lam dau, xin dau, dau vay, dau a, dau v,"
        "lam rang, man rang, ra rang, can chi, nhung chi, cho mo, o mo, nop mo, ra mo, di mo,"
        "khi mo, luc mo, the nao, lam sao"
    ),
    how_many=_words("may"),
    counted=frozenset(map(fold, _COUNTED)),
    no_question=_plain(ACCENTED.no_question),
    about=_plain(ACCENTED.about - _UNPLAIN),
    and_what=_plain(ACCENTED.and_what),
    joins=_plain(_JOINS - _UNPLAIN),
    heads=_plain(_HEADS),
)

# --- in either ----------------------------------------------------------------------------

NO = _words("không khong ko k kg hk hok hong hông hổng hem hum khum chưa chua ch hăm")
"""At the end of a clause they ask: "được không", "xong chưa"."""
DENIES = NO | _words("chẳng chả nỏ chang đâu")
DENIED_FOR = 6
"""So many words after a "no", nothing is asked: "không có giấy tờ gì"."""
KNOW = _words("biết biet rõ ro hiểu hieu")
"""But "không biết nộp ở đâu" asks."""
CLOSING = _words(
    "ạ a vậy vay v z zậy dạ thế the nhỉ nhi nhé nhe nha hả ha hở em anh chị chi cô co chú chu bác",
    "bac cháu chau bạn ban ad admin ta rứa rua hè he hen hén vị ơi oi shop bà ba ông ong cán bộ",
    "can bo cả nhà nữa nua đó do đây day ấy ay luôn luon à ah mọi người moi nguoi mn mng với voi",
)
MONEY = _words("tiền tien phí phi")
GONE_BY = _words("nay trước truoc qua rồi roi liền lien")
"""After "mấy hôm" nothing is asked."""
SURE_NOT = _words("cũng cung đó đấy hết cả")
"""After a word that asks, neither: "ai cũng", "gì đó"."""
UNKNOWN = _phrases("không rõ, khong ro, chưa rõ, chua ro, không nhớ, khong nho")
_WHOM = ("em ", "tôi ", "mình ", "chị ", "cháu ", "con ", "bác ", "e ", "tui ")
_SPOKEN_REQUESTS = _phrases(
    ",".join(f"cho {whom}xin, cho {whom}gặp, hướng dẫn {whom}, chỉ {whom}" for whom in _WHOM),
    "cho xin, xin số, cho gặp, muốn gặp, hướng dẫn giúp, chỉ chỗ, chỉ cách, chỉ giúp",
)
HOW = _phrases("thủ tục, cách làm, thu tuc, cach lam")
REQUESTS = _SPOKEN_REQUESTS | _plain(_SPOKEN_REQUESTS)
"""A clause that begins so asks for something."""
WISHES = _words("hỏi hoi biết biet")
NO_HEADS = _words("nếu neu hay hoặc hoac thì thi")
"""What begins so goes on with the question before it."""
LONGEST_IF = 6
"""But a sentence of more words after a question mark asks anew: "Nếu ... thì ...?"."""
NEVER_AFTER_NO = _words("còn con bao")
""" "không còn", "chưa bao giờ"."""
NEVER_BEFORE_WITH = _words("so đối doi")
""" "so với"."""
WITH = _words("với voi")
TAGS = CLOSING | NO | _words("được duoc dc đc đúng dung phải phai")
LONGEST_TAG = 4
COURTESY = _words(
    "cảm cám cam ơn on thank thanks thankyou tks thks dạ da vâng vang ok oke okie ừ uh chào chao",
    "xin hello hi alo a ạ à em anh chị chi cô co chú chu bác bac bạn ban ad admin cán cán bộ can",
    "bo nhé nhe nha nhiều nhieu ơi oi mình minh tôi toi cháu chau rồi roi hiểu hieu biết biet",
    "được duoc dc nha tốt tot quá qua",
)
"""Words of thanks and greetings, and whom they are for."""
