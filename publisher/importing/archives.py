"""What a file must be before it is opened as a workbook: an archive of bounded size, and plain XML in it.

Nothing is inflated before its declared size is known, and no part may declare entities of its own.
"""

import zipfile
from io import BytesIO
from xml.parsers import expat

_INFLATED = 48 * 1024 * 1024  # bytes, all parts together
_PARTS = 2000
_MARKS = 2_500_000  # of `<` in all XML: a tree of so many elements still fits into memory
_CHUNK = 64 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and workbooks with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE = "open it in Excel and save it as 'Excel Workbook (*.xlsx)'"
_TOO_LARGE = "it is far larger inside than a plan can be (copy the table alone into a new workbook)"


class ArchiveError(Exception):
    """The file is no workbook that may be opened; the text says why, and what to do."""


def check_archive(data: bytes) -> None:
    """ArchiveError unless these bytes are an .xlsx workbook that is safe to open."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise ArchiveError("it is locked with a password (open it in Excel and save it without one)")
        raise ArchiveError(f"it is a workbook of the old kind .xls ({_SAVE})")
    if not data.startswith(b"PK"):
        raise ArchiveError(f"it is no Excel workbook, whatever its name says ({_SAVE}, or name a CSV file .csv)")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_parts(archive)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ArchiveError(f"it is damaged ({_SAVE} again)") from error


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > _INFLATED:
        raise ArchiveError(_TOO_LARGE)
    if any(part.flag_bits & 1 for part in parts):
        raise ArchiveError("it is locked with a password (save it without one)")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise ArchiveError(f"it is no Excel workbook, but another document ({_SAVE})")
    marks = 0
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as source:
                head = chunk = source.read(_CHUNK)
                while chunk:
                    marks += chunk.count(b"<")
                    chunk = source.read(_CHUNK) if marks <= _MARKS else b""
            _check_prolog(head)
    if marks > _MARKS:
        raise ArchiveError(_TOO_LARGE)


def _check_prolog(head: bytes) -> None:
    """ArchiveError if a part's XML declares a document type: entities could grow without end, or name files."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = _begun
    try:
        parser.Parse(head, False)
    except (_Begun, expat.ExpatError):  # what is no XML at all is said when it is read
        return


class _Begun(Exception):
    """The first element begins: no document type can follow."""


def _begun(_name: str, _attributes: dict[str, str]) -> None:
    raise _Begun


def _refuse(_name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
    raise ArchiveError(f"its XML declares a document type, which Excel never writes ({_SAVE})")
