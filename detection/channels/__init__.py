"""One signal of the night: its pipeline, its cells on the time line, how it was scored."""
