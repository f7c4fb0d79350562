"""Random values that are shown once and kept as hashes."""

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token. 256 random bits need neither salt nor stretching."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
