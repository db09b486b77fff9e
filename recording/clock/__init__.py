"""Clocks of sensors on the time line of the night."""
