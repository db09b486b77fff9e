"""Files of a night, read into the data model."""
