"""What the sandbox says of itself: the record and the faults for programs, a front page for people."""

from dataclasses import asdict

from sandbox.exchange import Answer, Request
from sandbox.faults import Faults, fault_of
from sandbox.pages import front_page, missing_page
from sandbox.record import Record


class Control:
    """Answers `/`, `/_record` and `/_faults`."""

    def __init__(self, record: Record, faults: Faults, kinds: tuple[str, ...]) -> None:
        self._record = record
        self._faults = faults
        self._kinds = kinds

    def answer(self, name: str, request: Request) -> Answer:
        """The answer to a request whose first part is no stand-in's."""
        match name, request.method:
            case "", "GET" | "HEAD":
                return Answer.html(front_page(self._record.entries(public="True")))
            case "_record", "GET":
                return Answer.json(self._record.entries(**request.query))
            case "_faults", "GET":
                return Answer.json([asdict(fault) for fault in self._faults.standing()])
            case "_faults", "POST":
                return self._order(request)
            case "_faults", "DELETE":
                self._faults.clear()
                return Answer(204)
        return Answer.html(missing_page(), 404)

    def _order(self, request: Request) -> Answer:
        try:
            fault = fault_of(request.json())
            if fault.kind not in self._kinds:
                raise ValueError(f"unknown kind {fault.kind!r} (known: {', '.join(self._kinds)})")
        except ValueError as mistake:
            return Answer.json({"error": str(mistake)}, 400)
        self._faults.add(fault)
        return Answer.json(asdict(fault), 201)
