"""The engine: all signals side by side, final and live."""
