"""Where a request comes from."""

from ipaddress import IPv6Address, ip_address

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address. ``X-Forwarded-For`` is believed only of a proxy on this host, and of it only the
    last entry, which that proxy wrote; what stands before it is the client's own word.
    """
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    if peer and not ip_address(peer).is_loopback:
        return peer
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2]
    return _address(forwarded) or peer


def _address(text: str) -> str:
    """Listening on ``::``, IPv4 arrives as ``::ffff:203.0.113.7``: told, and throttled, as what it is."""
    try:
        read = ip_address(text.strip())
    except ValueError:
        return ""
    return str((read.ipv4_mapped or read) if isinstance(read, IPv6Address) else read)
