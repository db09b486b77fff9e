"""Sensors made of software: the wire format of a real one, with faults on request."""
