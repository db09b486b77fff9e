"""Alerts while a night is being recorded: what is worth telling, to whom, and how often."""
