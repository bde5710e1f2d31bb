"""Timbre: a self-hosted API de Facturación for Chile."""
