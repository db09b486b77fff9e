"""Crampwatch."""
