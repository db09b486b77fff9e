"""Sensors to samples: drivers, transports, links that reconnect, clocks."""
