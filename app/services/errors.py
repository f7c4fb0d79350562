"""What a service may refuse. Each message is one sentence that may be shown as it is."""


class ServiceError(Exception):
    """A request cannot be carried out; nothing was changed."""


class Invalid(ServiceError):
    """A value cannot be used. `field` names it as the interface does."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(ServiceError):
    """A value fits none of the rules between rows: it is taken, or would redirect somebody."""

    def __init__(self, field: str, message: str, *, rule: str | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.rule = rule


class NotFound(ServiceError):
    """There is no such thing in this tenant."""


class Forbidden(ServiceError):
    """The actor may not do this."""
