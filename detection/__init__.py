"""The signal core: quality, envelopes, movements, scoring rules, cramp candidates."""
