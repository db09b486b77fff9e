"""Files of a night, written whole or not at all."""
