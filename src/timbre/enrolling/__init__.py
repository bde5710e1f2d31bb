"""Enrolling: a credential is tried at the SII, as work in its person's lane, and the result is told."""
