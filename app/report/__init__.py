"""The night report."""
