"""Passwords: Argon2id, and the same time spent whether or not there is an account."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.services.errors import Invalid

MIN_LENGTH = 10
MAX_LENGTH = 256
# OWASP's figures for Argon2id: 19 MiB and two passes keep a worker small under many sign-ins.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a new password. Raises Invalid where it is too short or long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise Invalid("password", f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    return _HASHER.hash(_as_bytes(password))


def is_password(password: str, hashed: str | None) -> bool:
    """Say whether `password` is the one behind `hashed`; None costs the same and says no."""
    if len(password) > MAX_LENGTH:
        password = ""
    try:
        _HASHER.verify(hashed or _nobodys_hash(), _as_bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def needs_rehash(hashed: str) -> bool:
    """Say whether a hash was made with older figures than today's."""
    return _HASHER.check_needs_rehash(hashed)


def warm_up() -> None:
    """Do now what the first sign-in under an unknown name would take longer for."""
    _nobodys_hash()


def _as_bytes(password: str) -> bytes:
    # Whatever was typed: half a surrogate pair must be a wrong password, not an error.
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("the password of nobody")
