"""Links: a connection that is kept through the night."""
