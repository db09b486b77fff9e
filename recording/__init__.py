"""The night: its data model, readers, writers and annotations."""
