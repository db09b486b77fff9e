"""Sustained contractions: found, described, judged."""
