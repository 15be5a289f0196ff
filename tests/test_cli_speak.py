"""`publisher speak`, as somebody types it."""

import subprocess
import sys
import unicodedata
from pathlib import Path

TEXT = "Ngày 15/02/2022, UBND tỉnh QWX.\nGiảm 3,5% #abc\n"
SPOKEN = (
    "Ngày mười lăm tháng hai năm hai nghìn không trăm hai mươi hai, Ủy ban nhân dân tỉnh QWX.\n"
    "Giảm ba phẩy năm phần trăm abc\n"
)


def speak(*words: str, text: bytes = b"", folder: Path) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "publisher", "speak", *words, "--lang", "en"]
    return subprocess.run(command, input=text, capture_output=True, cwd=folder, check=False, timeout=60)


def test_from_standard_input(tmp_path: Path) -> None:
    for text in (TEXT, unicodedata.normalize("NFD", TEXT)):
        done = speak(text=text.encode(), folder=tmp_path)
        assert (done.returncode, done.stdout.decode()) == (0, SPOKEN)
        assert done.stderr.decode().splitlines() == [
            "-:1:28: an announcer may not know how to read 'QWX' aloud (write it out, or add a line `QWX,…` to "
            "lexicon.csv)",
            "-:2:11: an announcer cannot read this hash tag aloud: '#abc' (say it in words; `for:` gives loudspeakers "
            "a text of their own)",
        ]


def test_from_a_file_with_the_words_of_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "tin.txt").write_bytes("QWX và TTTT".encode("utf-8-sig"))
    (tmp_path / "lexicon.csv").write_text("abbreviation,spoken\nQWX,quy đấp\n", encoding="utf-8")
    done = speak("tin.txt", folder=tmp_path)
    assert done.stdout.decode() == "quy đấp và Thông tin và Truyền thông\n"
    assert done.stderr == b""


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    done = speak(text=b"\xff\xfe", folder=tmp_path)
    assert (done.returncode, done.stderr.decode()) == (
        1,
        "-:1:1: this is not UTF-8 (save the file with that encoding)\n",
    )
    assert speak("no.txt", folder=tmp_path).returncode == 1
    (tmp_path / "lexicon.csv").write_text("QWX\n", encoding="utf-8")
    assert "lexicon.csv:1:1: " in speak(text=b"a", folder=tmp_path).stderr.decode()
