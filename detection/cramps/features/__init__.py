"""Features of cramp candidates: what is measured, in which unit, and why."""
