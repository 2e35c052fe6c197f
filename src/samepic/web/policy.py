"""What a browser may do on our pages: everything from here, nothing from elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from samepic.settings.portal import Portal


def content_policy(portal: Portal, *leads_to: str) -> str:
    """The policy of every page. A form may end at a provider or at a tile, or at `leads_to`, where it leads on to."""
    addresses = (*(one.issuer for one in portal.sign_in), *(one.address for one in portal.tiles), portal.start)
    elsewhere = sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, (*addresses, *leads_to))})
    return "; ".join([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        f"form-action 'self' {' '.join(elsewhere)}".rstrip(),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ])  # fmt: skip
