"""The document, pure: what Chilean law and the SII's formats say a DTE is.

No network, disk, clock or settings.
"""
