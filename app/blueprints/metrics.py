"""`GET /metrics`: figures in Prometheus's text format, for this machine only."""

from collections.abc import Iterator
from ipaddress import ip_address

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from werkzeug.exceptions import NotFound

from app.blueprints import context
from app.blueprints.guard import public
from app.services import metrics
from app.services.metrics import Measured

blueprint = Blueprint("metrics", __name__)

_OF_PROXIES = (
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "Forwarded",
    "Via",
)


@blueprint.get("/metrics")
@public("answers this machine alone; a proxy's forwarded requests find nothing")
def show() -> Response:
    """The figures; 404 for whoever is not on this machine, or came through a proxy."""
    is_forwarded = any(name in request.headers for name in _OF_PROXIES)
    if is_forwarded or not _is_loopback(request.remote_addr or ""):
        raise NotFound
    registry = CollectorRegistry()
    registry.register(_Figures(metrics.measure(now=context.now())))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """One measurement, as Prometheus wants to collect it."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def collect(self) -> Iterator[Metric]:
        attempts = GaugeMetricFamily(
            "doorward_sign_in_attempts_last_hour",
            "Sign-in attempts of the last hour; the reason is empty where accepted.",
            labels=("tenant", "method", "reason"),
        )
        for each in self._measured.attempts:
            attempts.add_metric((each.tenant, each.method, each.reason), each.count)
        yield attempts
        sessions = GaugeMetricFamily(
            "doorward_live_sessions", "Sessions that have not ended.", labels=("tenant",)
        )
        for slug, count in self._measured.sessions.items():
            sessions.add_metric((slug,), count)
        yield sessions
        days = GaugeMetricFamily(
            "doorward_idp_certificate_days_left",
            "Days until the last certificate of an identity provider ends.",
            labels=("tenant", "idp"),
        )
        for labels, left in self._measured.certificate_days.items():
            days.add_metric(labels, left)
        yield days


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
