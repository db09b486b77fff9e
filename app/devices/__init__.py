"""Sensors that a person can choose: those in reach, and simulated ones."""
