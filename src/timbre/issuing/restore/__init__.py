"""A restored database compares with the SII before it issues (decision 0011)."""
