"""Taxpayers: what the SII knows of a RUT, the companies users enrolled, and what lets them issue."""
