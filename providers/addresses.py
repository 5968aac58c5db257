"""Which network addresses requests may go to. Pure: an address and a policy in, a decision out.

Decided on what a name resolved to, never on how it was spelled, by a table of our own: Python's `is_global`
takes addresses that carry a private one inside (NAT64, 6to4, `::127.0.0.1`) and multicast for public. The
tables are the IANA registries of special-purpose addresses (2026-10).
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: Final = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
LOOPBACK_WORD: Final = "loopback"

_SPECIAL_V4: Final = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # Azure's own service for its machines, in a public range
    )
)
_GLOBAL_V6: Final = IPv6Network("2000::/3")  # all that is given out; the rest is special or not in use
_SPECIAL_V6: Final = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20", "2620:4f:8000::/48")
)
# What machines in clouds learn about themselves, keys included: a range that holds one does not allow it.
_METADATA: Final = frozenset(
    ip_address(address)
    for address in (
        *("169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16"),
        *("192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),
    )
)
_IPV4_IN_THE_END: Final = (  # the last 32 bits are an IPv4 address
    *(IPv6Network("::/96"), IPv6Network("::ffff:0:0/96"), IPv6Network("::ffff:0:0:0/96")),
    *(IPv6Network("64:ff9b::/96"),),
)
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})  # bits 64 to 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is allowed beside the public addresses: ranges, and single hosts (as they are spelled in a base
    URL) with a port."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[tuple[str, int]] = frozenset()

    def allows(self, host: str, port: int, address: str) -> bool:
        """`address` is what `host` resolved to."""
        if (_spelled(host), port) in self.hosts:
            return True
        carried = _carried(ip_address(address.partition("%")[0]))  # without the name of an interface
        if carried in _METADATA:
            return False
        return is_public(carried) or any(carried in network for network in self.networks)


def policy_from(entries: list[str], urls: list[str]) -> Policy:
    """`entries` are ranges (`10.0.0.0/8`), `host:port`, or the word `loopback`; `urls` are base URLs that the
    operator named elsewhere. Raises ValueError for an entry that is none of these."""
    networks: list[Network] = []
    hosts = {_place(url) for url in urls}
    for entry in filter(None, (entry.strip() for entry in entries)):
        if entry == LOOPBACK_WORD:
            networks += LOOPBACK
        elif "/" in entry:
            networks.append(ip_network(entry, strict=False))
        else:
            hosts.add(_place(f"http://{entry}", port_needed=True))
    return Policy(networks=tuple(networks), hosts=frozenset(hosts))


def is_public(address: Address) -> bool:
    """Of an address that carries no other."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv4Address) or address == IPv6Address("::1"):
        return address
    if any(address in network for network in _IPV4_IN_THE_END):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFF_FFFF)
    if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _place(url: str, *, port_needed: bool = False) -> tuple[str, int]:
    parts = urlsplit(url if "//" in url else f"http://{url}")
    if not parts.hostname or (port_needed and not parts.port):
        raise ValueError(f"{url!r} is no range and no host with a port")
    return _spelled(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)


def _spelled(host: str) -> str:
    """Case and a dot at the end make no difference to a name, nor notation to an address."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return str(ip_address(name))
    except ValueError:
        return name
