"""The browser at the other end of a request, as it is kept beside attempts and sessions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """Its address (the socket's peer, or what a trusted proxy says) and its User-Agent."""

    ip_address: str
    user_agent: str
