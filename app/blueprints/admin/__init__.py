"""The administrators' pages: SSO settings, people and accounts, sign-in attempts."""

from flask import Flask


def register(app: Flask) -> None:
    """Put the administrators' pages onto the application."""
