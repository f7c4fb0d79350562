"""Resident memory of a worker after many sign-ins: under the bar, and flat."""

from tests.bench import visits
from tests.bench.server import running

SIGN_INS = 10_000
BATCH = 500
BAR = 150 * 1024 * 1024
#: What it may still grow by in the second half and be called flat.
SLACK = 0.05


def run() -> bool:
    """Print the memory on the way; say whether the bar is met."""
    readings = []
    with running() as server:
        connection = server.connection()
        for _ in range(SIGN_INS // BATCH):
            for visit in visits.prepare(server, BATCH):
                visits.complete(connection, visit)
            readings.append(server.resident_bytes())
    middle, last = readings[len(readings) // 2 - 1], readings[-1]
    print(f"memory: the largest process of the server over {SIGN_INS} sign-ins")
    for position, reading in enumerate(readings, 1):
        if position in (1, len(readings) // 2, len(readings)):
            print(f"  after {position * BATCH:6} {reading / 1024 / 1024:7.1f} MB")
    met = last < BAR and last <= middle * (1 + SLACK)
    print(f"  bar: under 150 MB and flat: {'met' if met else 'MISSED'}")
    return met
