"""The log: one JSON line an event on stderr, tracebacks without the values of variables."""

import sys

import structlog


def configure() -> None:
    """Set structlog up for this process.

    Its default prints local variables beside a traceback, and those can be passwords.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        # Asked for at each event: whoever replaces sys.stderr gets what comes after.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
