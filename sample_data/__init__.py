"""Real recordings, simulated nights, and the simulator that makes them."""
