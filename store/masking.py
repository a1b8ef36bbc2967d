"""Takes personal numbers out of a text before it is stored or shown; pure, no Django.

What stays: service numbers (12345, 110, 95598, 400-…), years, money, house and document numbers, bus lines. A bare run
of digits is masked only when its own shape tells what it is (mobile, ID, bank card, area code + landline); shorter ones
only beside a word that says so (电话, 微信, QQ, 车牌 …).
"""

from __future__ import annotations

import re

MASK = "<号码>"

#: Full-width digits and signs, folded one to one so that offsets in the folded text are offsets in the text.
_FOLD = {ord("０") + digit: ord("0") + digit for digit in range(10)}
_FOLD |= {ord(sign): ord("-") for sign in "－—–‐‑‒―"}
_FOLD |= {ord(sign): ord(".") for sign in "．·•・"}
_FOLD |= {ord(sign): ord(plain) for sign, plain in zip("＋（）＠　ｘＸ：＿", "+()@ xX:_", strict=True)}
#: Between two digits of one number people put at most one space, dash, dot or zero-width character.
_S = "[ \\-.\u200b\u200c\u200d\u2060\ufeff]?"


def _digits(count: str) -> str:
    return rf"(?:\d{_S}){{{count}}}"


# Not inside a longer number, not the decimals of 0.…; and not an amount with two decimals (a list "1.138…" is no decimal).
_START = r"(?<!\d)(?<!\D0\.)(?<!^0\.)"
_END = r"(?!\d)(?!\.\d{1,2}(?!\d))"
#: between the groups of a mobile number: 138 - 1234 - 5678, 138_1234_5678
_GAP = "[ \\-._/*\u200b\u200c\u200d\u2060\ufeff]{0,3}"
_NUMERALS = "0-9零〇一二三四五六七八九幺"
_REGION = rf"(?:1{_S}[1-5]|2{_S}[1-3]|3{_S}[1-7]|4{_S}[1-6]|5{_S}[0-4]|6{_S}[1-5]|7{_S}1|8{_S}[12]|9{_S}1)"
_DAY = rf"(?:0{_S}[1-9]|1{_S}[0-2]){_S}(?:0{_S}[1-9]|[12]{_S}\d|3{_S}[01])"

_ID18 = rf"{_START}{_REGION}{_S}{_digits('4')}(?:1{_S}9|2{_S}0){_S}{_digits('2')}{_DAY}{_S}{_digits('3')}[\dxX](?!\d)"
_ID15 = rf"{_START}{_REGION}{_S}{_digits('6')}{_DAY}{_S}{_digits('2')}\d{_END}"
#: in one run or in fours; any other spacing would swallow a price and the mobile number behind it
_CARD = rf"{_START}[3-69](?:\d{{14,18}}|\d{{3}}(?P<four>[ \-.])\d{{4}}(?P=four)\d{{4}}(?P=four)\d{{4}}(?:(?P=four)\d{{1,3}})?){_END}"
#: 138 1234 5678 with any separators, other groupings only with one kind of separator (130-150 20000 are prices)
_MOBILE = (
    rf"{_START}(?:\+?(?:00)?86{_S})?1(?:[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
    rf"|[3-9]\d(?P<gap>[ \-.])\d{{3}}(?P=gap)\d{{5}}"
    rf"|[3-9]\d\d(?P<hole>[ \-.])(?:\d{{3}}(?P=hole)\d{{4}}|\d{{4}}(?P=hole)\d{{3}})"
    rf"|(?P<all>[ \-.\u200b\u200c\u200d\u2060\ufeff])[3-9](?:(?P=all)\d){{9}}){_END}"
    rf"|(?<![{_NUMERALS}])(?=\d*[零〇一二三四五六七八九幺])[1一幺][3-9三四五六七八九][{_NUMERALS}]{{9}}(?![{_NUMERALS}])"
)
_LANDLINE = (
    rf"{_START}(?:\(0[1-9]\d{{1,2}}\) ?-?|0[1-9]\d{{1,2}}[ \-]{{0,2}})[2-8]{_S}(?:\d{_S}){{5,6}}\d"
    r"(?:(?:-|转|转分机) ?\d{1,5})?(?!\d)"
)
_MAIL = r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64} ?@ ?[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.)+[A-Za-z]{2,10}(?![A-Za-z])"
#: Province sign, a letter, five signs (six for new energy) without I and O; police and learners' cars are not private.
_PLATE = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼](?i:[A-HJ-NP-Z][ .\-]?"
    r"(?=[A-HJ-NP-Z0-9]*\d)(?:[A-HJ-NP-Z0-9]{6}|[A-HJ-NP-Z0-9]{5}))(?![A-Za-z0-9警学])"
)
_NO_AMOUNT = r"(?![ ]?(?:元|块|万|亿|年|月|人|个|条|多|余|次|班|路|号线|%|￥))"
_LABEL = (
    r"(?<!编号)(?<!单号)(?i:微信号?|微[　 ]信|威信|薇信|wechat|weixin|(?<![a-z])(?:wx|vx|v信|加v|qq|扣扣)"
    r"|企鹅号|抖音号|支付宝)"
    r"(?:号码?|账号|帐号|群|id)?(?:是|为|同号)?[\s:=,，]{0,3}"
)
_LABELLED = (
    rf"{_LABEL}(?P<value>(?=[A-Za-z0-9_\-]{{0,18}}\d|[A-Za-z_][A-Za-z0-9_\-]{{7}})"
    rf"[A-Za-z0-9][A-Za-z0-9_\-]{{4,19}}){_NO_AMOUNT}(?![A-Za-z0-9_])"
)
#: A landline without area code, when a word before says that it is to be called.
_CALL = (
    r"(?:电话|手机|号码|座机|致电|热线|传真|(?i:tel))(?:号码?|是|为)?[\s:,，]{0,3}"
    rf"(?P<number>(?!(?:19|20)\d\d[\-.])[2-9](?:\d{_S}){{5,9}}\d){_NO_AMOUNT}(?!\d)(?!\.\d)"
)
#: ID, passport or account numbers of a shape of their own, when labelled.
_PAPERS = (
    r"(?:身份证|护照|银行卡|银行账户|卡号|账号|帐号|社保卡|医保卡|驾驶证)(?:号码?|是|为){0,2}[\s:]{0,3}"
    r"(?P<code>[A-Za-z]{0,2}\d[\d ]{5,22}[\dxX])(?!\d)"
)
#: every first character of what follows: one look in a set instead of ten alternatives at each character
_FIRST = (
    "0-9A-Za-z._%+\\-(一幺微威薇扣企抖支加电手号座致热传身护银卡账帐社医驾京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
)
_PERSONAL = re.compile(
    f"(?=[{_FIRST}])(?:(?P<mail>{_MAIL})|(?P<plate>{_PLATE})|{_LABELLED}|{_PAPERS}|(?P<id18>{_ID18})|(?P<mobile>{_MOBILE})"
    f"|(?P<id15>{_ID15})|(?P<landline>{_LANDLINE})|(?P<card>{_CARD})|{_CALL})"
)
#: Numbers that belong to the public: they are help, not persons.
_PUBLIC = re.compile(r"(?:1[012]\d{1,3}|96\d{3,4}|95\d{3,4}|[48]00\d{7})\Z")
#: A text without two digits near each other, an @ or a word that announces an id has nothing to hide.
_QUICK = re.compile(
    r"\d[^一-鿿\d]{0,3}\d|[@＠]|[A-HJ-NP-Za-hj-np-z]\d|[一幺\d][三四五六七八九\d][零〇一二三四五六七八九幺\d]{9}"
    r"|(?i:微|wechat|weixin|wx|vx|威信|薇信|加v|qq|扣扣|企鹅号|抖音|支付宝)"
)
#: the group of a match whose span is replaced
_NAMES = ("mobile", "value", "plate", "mail", "number", "landline", "id18", "id15", "card", "code")
_NO_DIGIT = re.compile(r"\D")


def _luhn(digits: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _stays(name: str, number: str) -> bool:
    """Whether a match is no personal number after all."""
    digits = _NO_DIGIT.sub("", number)
    if name == "number" or (name == "value" and digits == number):
        return _PUBLIC.match(digits) is not None
    # A bare card: UnionPay's 62, else only with a right check digit, so that order numbers stay.
    return name == "card" and not (digits.startswith("62") and len(digits) >= 16) and not _luhn(digits)


def mask(text: str) -> str:
    """`text` with every personal number replaced by `<号码>`; everything else is as it was."""
    if not _QUICK.search(text):
        return text
    folded = text.translate(_FOLD)
    out: list[str] = []
    at = look = 0
    while found := _PERSONAL.search(folded, look):
        name = next(key for key in _NAMES if found.group(key) is not None)
        start, end = found.span(name)
        if _stays(name, folded[start:end]):
            # Look again inside: what stays may hold the beginning of what must go.
            look = found.start() + 1
            continue
        out += (text[at:start], MASK)
        at = look = end
    return "".join([*out, text[at:]]) if out else text
