"""What a user can mend."""


class Complaint(Exception):
    """Shown without a traceback; the exit code is 1."""


class Misuse(Complaint):
    """The words of the command do not go together; the exit code is 2."""
