"""Files of a night, read into the data model."""

from .open import open_recording

__all__ = ["open_recording"]
