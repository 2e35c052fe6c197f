"""Fetching what an address names that somebody else wrote: a cell of a table, a profile.

Such an address may be meant to make us ask machines that its writer cannot reach. So only public addresses are
connected to. A name is resolved once, what it resolves to is judged, and exactly that is connected to, with the name
kept for the certificate and the `Host` header: a name that resolves differently a moment later gains nothing. Each
redirect is a new address and goes through the same. Nothing is decompressed, and nothing the other end says is quoted.

Requests go to the transport directly, not through a client: that would log addresses, which may hold a key in their
query, and carry cookies from one host to the next.

Behind a proxy (`network.proxy`; the environment's are not used here) the proxy resolves names and decides what may be
reached; we still refuse the addresses that are written out.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, Self

import httpx2

from samepic.connectors.answers import asked_wait
from samepic.connectors.base import Surroundings
from samepic.connectors.http import USER_AGENT, trust
from samepic.errors import ConnectorError, Denied, Failed, Refused, Throttled

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host, the one to prefer first. Raises OSError."""

_HEADERS = {"User-Agent": USER_AGENT, "Accept": "image/*", "Accept-Encoding": "identity"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_ENDS_IN_A_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
"""What some resolvers take for an address in decimal, octal or hex: 2130706433, 0177.0.0.1, 0x7f.1."""

_TUNNELS = tuple(
    ipaddress.IPv6Network(one)
    for one in (
        "::/96",  # IPv4-compatible (RFC 4291)
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # NAT64 of a network's own (RFC 8215)
        "2001::/32",  # Teredo (RFC 4380)
        "2002::/16",  # 6to4 (RFC 3056)
    )
)
"""IPv6 addresses that hold an IPv4 address, which may be any. Nobody needs them to reach a public host."""

REMEDY_PRIVATE = "If this is your own intranet's host, name its address in allow_addresses."


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave. `data` is None where it is what `Mark` says it was; `mark` recognises it next time."""

    data: bytes | None = field(repr=False)
    mark: Mark


@dataclass(frozen=True, slots=True)
class Mark:
    """What a server gave to recognise its answer by; both empty where it gave nothing."""

    etag: str = ""
    modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        found = {"If-None-Match": self.etag, "If-Modified-Since": "" if self.etag else self.modified}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Limits:
    """`allowed` are networks that may be reached although they are not public; `plain` allows http."""

    max_bytes: int = 20_000_000
    seconds: float = 30.0
    plain: bool = False
    allowed: tuple[Network, ...] = ()


def is_public(address: Address) -> bool:
    """Is this a host of the open internet? Addresses that hold another one are never public, except v4-mapped ones,
    which are judged by what they hold.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.is_site_local or any(address in tunnel for tunnel in _TUNNELS):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def may_reach(address: Address, allowed: Sequence[Network]) -> bool:
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return is_public(address) or any((inner or address) in network for network in allowed)


def judged(text: str, limits: Limits) -> httpx2.URL:
    """The address, if it may be fetched as it is written; the host's own addresses are judged later. Raises Refused."""
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError, TypeError):
        raise Refused("This is not an address.", remedy="Write it as https://host/path.") from None
    if url.scheme not in {"https", "http"} or not url.host:
        raise Refused("This is not an address on the web.", remedy="Write it as https://host/path.")
    if url.scheme == "http" and not limits.plain:
        raise Refused("This address is not encrypted.", remedy="Use https, or set allow_http.")
    if url.userinfo:
        raise Refused("This address holds a sign-in.", remedy="Use an address that needs none.")
    literal = _literal(url.host)
    if literal is None and _ENDS_IN_A_NUMBER.search(url.host):
        raise Refused(f"{url.host} is no host's name.", remedy="Write the address as four numbers, or use a name.")
    if literal is not None:
        _require(literal, url.host, limits)
    return url


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _require(address: Address, host: str, limits: Limits) -> None:
    if not may_reach(address, limits.allowed):
        raise Refused(f"{host} is not on the open internet, so it is not asked.", remedy=REMEDY_PRIVATE)


async def _system_resolver(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


class Outside:
    """Fetches addresses within limits. Use as an async context manager."""

    def __init__(self, around: Surroundings, limits: Limits, resolve: Resolve = _system_resolver) -> None:
        self._limits = limits
        self._resolve = resolve
        self._around = around
        self._proxied = around.proxy is not None
        self._transport = around.transport or httpx2.AsyncHTTPTransport(
            # Connections are kept by address, and two names of one address must not share what one of them proved.
            limits=httpx2.Limits(max_keepalive_connections=0),
            verify=trust(around.ca),
            proxy=httpx2.Proxy(around.proxy, auth=around.proxy_login) if around.proxy else None,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._transport is not self._around.transport:
            await self._transport.aclose()

    async def fetch(self, text: str, mark: Mark | None = None) -> Fetched:
        """What the address gives, unless it is what `mark` marked. Raises Refused, Denied, Throttled, Failed."""
        host = "the address"
        try:
            async with asyncio.timeout(self._limits.seconds):
                url = judged(text, self._limits)
                for _ in range(_MOST_REDIRECTS + 1):
                    host = url.host
                    answer = await self._once(url, mark or Mark())
                    if isinstance(answer, Fetched):
                        return answer
                    url = judged(str(url.join(answer)), self._limits)
        except TimeoutError:
            raise Failed(f"{host} took longer than {self._limits.seconds:g} seconds.") from None
        except httpx2.RequestError as trouble:
            raise Failed(f"{host} did not answer: {str(trouble) or type(trouble).__name__}.") from None
        raise Refused(f"{host} points elsewhere more than {_MOST_REDIRECTS} times.")

    async def _once(self, url: httpx2.URL, mark: Mark) -> Fetched | str:
        """What came back, or where it points to."""
        request = await self._request(url, mark)
        response = await self._transport.handle_async_request(request)
        try:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return str(response.headers["location"])
            if response.status_code == httpx2.codes.NOT_MODIFIED and mark.headers:
                return Fetched(None, mark)
            if response.status_code != httpx2.codes.OK:
                raise _trouble(url.host, response.status_code, response.headers, self._around)
            return Fetched(await self._read(response, url.host), _mark(response.headers))
        finally:
            await response.aclose()

    async def _request(self, url: httpx2.URL, mark: Mark) -> httpx2.Request:
        connect = url
        extensions: dict[str, Any] = {"timeout": httpx2.Timeout(self._limits.seconds).as_dict()}
        if not self._proxied:
            connect = url.copy_with(host=str(await self._address(url)))
            extensions["sni_hostname"] = url.raw_host.decode("ascii")
        headers = {**_HEADERS, **mark.headers, "Host": url.netloc.decode("ascii")}
        return httpx2.Request("GET", connect, headers=headers, extensions=extensions)

    async def _address(self, url: httpx2.URL) -> Address:
        """Where to connect. One address that may not be reached among several makes the name suspect: it is refused."""
        literal = _literal(url.host)
        if literal is not None:
            return literal
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = [ipaddress.ip_address(one) for one in await self._resolve(url.raw_host.decode("ascii"), port)]
        except (OSError, UnicodeError):
            raise Failed(f"{url.host} cannot be found.", remedy="Check how the host is spelled.") from None
        for address in found:
            _require(address, url.host, self._limits)
        if not found:
            raise Failed(f"{url.host} has no address.")
        return found[0]

    async def _read(self, response: httpx2.Response, host: str) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._limits.max_bytes:
                raise Refused(f"{host} gave more than the {self._limits.max_bytes:,} bytes that are read.")
        return bytes(body)


def _mark(headers: Mapping[str, str]) -> Mark:
    return Mark(headers.get("etag", ""), headers.get("last-modified", ""))


def _trouble(host: str, status: int, headers: Mapping[str, str], around: Surroundings) -> ConnectorError:
    said = f"{host} answered with HTTP {status}"
    if status in {401, 403}:
        return Denied(f"{said}: it wants a sign-in.", remedy="Use an address that needs none.")
    if status in {429, 503}:
        return Throttled(f"{said}: it was asked too much.", wait=asked_wait(headers, around.clock()))
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR:
        return Failed(f"{said}: it broke.")
    return Refused(f"{said} and no picture.", remedy="Open the address in a browser, and correct it.")
