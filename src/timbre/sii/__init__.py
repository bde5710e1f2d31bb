"""The tax office: the only rooms that speak HTTP to the SII, or to its simulator in sandbox."""
