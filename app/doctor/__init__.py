"""What would spoil a night, looked for before it begins."""
