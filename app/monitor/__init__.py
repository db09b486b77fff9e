"""A night watched while it is recorded, in the browser or in the terminal."""
