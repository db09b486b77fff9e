"""Any other board: samples from BrainFlow or LSL as frames of the open protocol."""
