"""A company for the command line to work on, made without a process for each step."""

import io
from datetime import UTC, datetime

from app import create_app
from app.models import db
from app.services.audit import OPERATOR
from app.services.people_import import import_people
from tests.cli.command_line import CommandLine
from tests.conftest import config_for
from tests.factories import make_tenant


def settle(doorward: CommandLine, staff: str | None = None) -> CommandLine:
    """Make the tenant `northwind` and its people, from the lines of a CSV file."""
    now = datetime.now(UTC)
    url = f"sqlite:///{doorward.folder / 'doorward.sqlite3'}"
    with create_app(config_for(doorward.folder, url)).app_context():
        tenant = make_tenant(now=now)
        if staff is not None:
            file = io.BytesIO(staff.encode())
            import_people(tenant, file, file_name="staff.csv", actor=OPERATOR, now=now)
        db.engine.dispose()
    return doorward
