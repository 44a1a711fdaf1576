"""Where a request comes from and whom it is meant for: Host and Origin (against DNS rebinding and forged forms)."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from coterie.app.settings import LOOPBACK

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from coterie.app.settings import AppSettings

_HOST = re.compile(r"(?P<name>\[[0-9a-f:]+\]|[a-z0-9.-]{1,253})(:\d{1,5})?", re.ASCII)


def host_name(headers: Headers) -> str | None:
    """The name in the Host header without its port; None where there is not exactly one proper header."""
    told = headers.getlist("host")
    match = _HOST.fullmatch(told[0].lower()) if len(told) == 1 else None
    return match["name"].strip("[]") if match else None


def allowed_host(settings: AppSettings, name: str, reached_at: str) -> bool:
    """Whether a Host name is one of ours.

    Parameters
    ----------
    settings : AppSettings
    name : str
        From the Host header.
    reached_at : str
        Address of ours at which the connection came in; as a name it counts only where others may reach the app.
    """
    if name in LOOPBACK:
        return True
    if settings.only_local:
        return False
    return name in (settings.host, socket.gethostname().lower()) or (_is_address(name) and name == reached_at)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def same_origin(headers: Headers, *, must_tell: bool) -> bool:
    """Whether a request that changes something was made by a page of ours.

    Browsers send `Origin` with every POST and most send `Sec-Fetch-Site`; `must_tell` refuses a request with neither.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None and site is None:
        return not must_tell
    if site is not None and site not in ("same-origin", "none"):
        return False
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == headers.get("host", "").lower()
