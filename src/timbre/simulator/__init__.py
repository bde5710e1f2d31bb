"""The simulated tax office: a real HTTP server at the SII's own paths. It judges in its own code and never nods."""
