"""Samples to half-second cells: grids, filters, mains, quality, the resting level."""
