"""Finding sensors: what is in reach, by radio, by wire and simulated."""
