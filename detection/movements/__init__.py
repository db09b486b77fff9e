"""Leg movements and rhythms of the legs, and which event keeps a stretch of the night."""
