"""What the sleeper adds: notes, and the diary of the morning."""
