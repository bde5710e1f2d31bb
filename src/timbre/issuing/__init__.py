"""Issuing: batches and documents from request to the SII's files, each move saved and told."""
