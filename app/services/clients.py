"""The browser at the other end of a request, as it is kept beside attempts and sessions."""

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address


@dataclass(frozen=True, slots=True)
class Client:
    """Its address (the socket's peer, or what a trusted proxy says) and its User-Agent."""

    ip_address: str
    user_agent: str

    @property
    def network(self) -> str:
        """The address, or the whole /64 of IPv6: every home has as many addresses as it likes."""
        try:
            address = ip_address(self.ip_address)
        except ValueError:
            return self.ip_address
        if isinstance(address, IPv6Address):
            return str(IPv6Network((int(address), 64), strict=False))
        return str(address)
