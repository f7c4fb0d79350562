"""The tests' own PostgreSQL keeps its promises, on which every suite that uses it relies."""

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.postgres import Cluster

pytestmark = pytest.mark.postgres


def test_a_database_is_fresh(postgres_url: str) -> None:
    """Each test has a PostgreSQL database without a table, reached by SQLAlchemy's psycopg 3."""
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        tables = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert connection.scalar(tables) == 0
        connection.execute(text("CREATE TABLE left_behind (id integer)"))
        assert connection.dialect.driver == "psycopg"
    engine.dispose()


test_the_next_database_is_fresh_too = test_a_database_is_fresh


def test_a_template_is_prepared_once(postgres_cluster: Cluster) -> None:
    """Databases copied from a template hold what was prepared in it, prepared once a run."""
    prepared = []

    def prepare(url: str) -> None:
        prepared.append(url)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE inherited AS SELECT 42 AS answer")

    template = postgres_cluster.template("house_template", prepare)
    assert postgres_cluster.template("house_template", prepare) == template
    assert len(prepared) == 1
    postgres_cluster.create("house_copy", template)
    try:
        with psycopg.connect(postgres_cluster.url("house_copy").replace("+psycopg", "")) as copy:
            assert copy.execute("SELECT answer FROM inherited").fetchall() == [(42,)]
    finally:
        postgres_cluster.drop("house_copy")


def test_the_server_listens_on_its_socket_only(postgres_cluster: Cluster) -> None:
    """No port of the machine is taken: runs side by side do not meet."""
    with psycopg.connect(postgres_cluster.url("postgres").replace("+psycopg", "")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
