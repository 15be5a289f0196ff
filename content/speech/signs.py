"""Signs: those that are punctuation to a reader, those that are read, and those that nobody can read."""

import re

#: What may stand in a spoken text beside letters and spaces.
PUNCTUATION = ".,;:!?…“”\"'‘’()–-"
#: Signs that mean the same to a reader as a punctuation mark.
SAME = {
    **{"—": "–", "―": "–", "−": "–", "‒": "–", "‐": "-", "‑": "-", "«": "“", "»": "”", "„": "“", "‟": "“", "‹": "‘"},
    **{"›": "’", "`": "'", "´": "'", "[": "(", "]": ")", "{": "(", "}": ")", "′": "'", "″": '"', "¸": ",", "‚": ","},
    **{"，": ",", "。": ".", "：": ":", "；": ";", "！": "!", "？": "?", "（": "(", "）": ")"},
}
#: Signs that are read as words.
READ = {
    **{"&": "và", "+": "cộng", "=": "bằng", "<": "nhỏ hơn", ">": "lớn hơn", "≤": "nhỏ hơn hoặc bằng", "×": "nhân"},
    **{"≥": "lớn hơn hoặc bằng", "≈": "xấp xỉ", "~": "khoảng", "±": "cộng trừ", "÷": "chia", "%": "phần trăm"},
    **{"‰": "phần nghìn", "°": "độ", "²": "vuông", "³": "khối", "№": "số", "$": "đô la", "€": "ơ-rô", "£": "bảng Anh"},
    **{"¥": "yên", "₫": "đồng", "@": "a còng", "½": "một phần hai", "¼": "một phần tư", "¾": "ba phần tư", "≠": "khác"},
    **{"℃": "độ xê", "∞": "vô cùng", "§": "mục", "µ": "mi-crô"},
}
#: Marks of headings, lists and footnotes, which are there for the eye only.
SEEN_ONLY = frozenset("*•●○◦▪▫■□◆◇►▶✓✔☑·‣†‡|_¶©®™\\^")
#: At the beginning of a line only.
BULLETS = SEEN_ONLY | {"#"}
#: Neither seen nor read.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe00-\ufe0f\x00-\x08\x0b-\x1f\x7f-\x9f]")
