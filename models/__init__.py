"""Labelled nights to a calibrated detector."""
