"""Labelling a night in the browser: the whole night, from hours to single motor units."""
