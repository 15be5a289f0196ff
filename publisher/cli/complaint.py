"""What a user can mend."""


class Complaint(Exception):
    """Shown without a traceback; the exit code is 1."""
