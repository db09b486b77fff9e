"""A night from the first look at the sensors to the scored folder: what a person meets."""
