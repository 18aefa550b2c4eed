"""Bytes on their way out: always an attachment, never a page.

Owns the headers that keep a browser from running, sniffing or caching what a session made.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


def attachment(raw: bytes, *, name: str, media_type: str) -> Response:
    """Give bytes as a download under a file name (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**SAFE_HEADERS, "Content-Disposition": disposition}
    return Response(raw, media_type=media_type, headers=headers)


def page(html: str) -> Response:
    """Give a page of Deputy's own that shows content: no script, no request, no frame."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
    headers = {**SAFE_HEADERS, "Content-Security-Policy": policy}
    return Response(html, media_type="text/html; charset=utf-8", headers=headers)
