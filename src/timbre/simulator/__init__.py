"""The simulated tax office: a real HTTP server at the SII's own paths, whose judgement is its own code."""
