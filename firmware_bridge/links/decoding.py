"""The decoder of a link: kept over reconnects, so that running numbers go on."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from ..drivers.model import Decoded, Driver, Packet
from ..drivers.registry import DriverInfo
from .guard import told

logger = logging.getLogger(__name__)


class DriverError(Exception):
    """A decoder failed; a fresh one has taken its place."""


class Decoding:
    """A driver, and the settings it was opened with.

    Parameters
    ----------
    info
        What to open.
    settings
        Settings of the driver.

    Attributes
    ----------
    driver
        The decoder.
    generation
        Counts decoders from 1; running numbers begin anew with each.
    errors
        Failures in a row, without a sample between them.

    Raises
    ------
    SettingError
        A setting is unknown or has a value that is not allowed.
    """

    def __init__(self, info: DriverInfo, settings: Mapping[str, str]) -> None:
        self._info = info
        self.settings = dict(settings)
        self.driver: Driver = info.open(self.settings)
        self.generation = 1
        self.errors = 0
        self._fed = False

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """Return what is certain after these packets.

        Raises
        ------
        DriverError
            The driver failed on them; they are lost.
        """
        self._fed = True
        try:
            decoded = self.driver.feed(packets)
        except Exception as error:
            logger.exception("the %s driver failed", self._info.name)
            self.errors += 1
            self.renew()
            raise DriverError(told(error)) from error
        if decoded.samples:
            self.errors = 0
        return decoded

    def finish(self) -> Decoded:
        """Return what the decoder held back; it is fed no more."""
        if not self._fed:
            return Decoded()
        try:
            return self.driver.finish()
        except Exception:
            logger.exception("the %s driver failed at its end", self._info.name)
        return Decoded()

    def renew(self, settings: Mapping[str, str] | None = None) -> None:
        """Open a fresh decoder, with other settings if given; errors as the class."""
        if settings is not None:
            self.settings = dict(settings)
        self.driver = self._info.open(self.settings)
        self.generation += self._fed
        self._fed = False
