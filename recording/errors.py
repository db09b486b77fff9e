"""Failures that a person can mend."""


class CrampwatchError(Exception):
    """A failure that the person at the keyboard can understand and mend.

    The message is one line: what went wrong, where, and the way out. The command line
    prints it as it is and exits with 1; a traceback is only ever a fault of the program.
    """


class RecordingError(CrampwatchError):
    """A recording, or a file that belongs to one, cannot be read or written."""


class DamagedError(RecordingError):
    """A recording turned out to be damaged while its samples were read.

    Opened again by the same process, it is read without the damaged part.
    """
