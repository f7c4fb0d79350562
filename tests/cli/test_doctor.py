"""`doorward doctor`: a line for each place where something can be wrong, 1 for a fault."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command_line import CHECKOUT, CommandLine, free_port
from tests.idp.mock_idp import MockIdp


@pytest.fixture
def acme(doorward: CommandLine) -> CommandLine:
    """A sound set-up: a tenant with an IdP, and a key pair."""
    doorward.ok("tenant", "create", "acme", "--name", "Acme", "--url", "https://acme.example")
    (doorward.folder / "idp.xml").write_bytes(MockIdp().metadata)
    doorward.ok("idp", "import", "idp.xml")
    doorward.ok("keys", "new")
    return doorward


def lines(told: str) -> dict[str, tuple[str, str]]:
    """State and sentence by subject."""
    found = {}
    for line in told.splitlines():
        state, _, rest = line.partition(" ")
        subject, _, sentence = rest.strip().partition(": ")
        if subject == "acme":
            subject, _, sentence = sentence.partition(": ")
        found[subject] = (state, sentence)
    return found


def test_a_sound_set_up_has_no_fault(acme: CommandLine) -> None:
    """Every subject has its line, all of them ok."""
    found = lines(acme.ok("doctor", "--offline", "--tenant", "acme"))
    assert set(found) == {
        "libraries",
        "clock",
        "proxy headers",
        "secret key",
        "keys",
        "database",
        "base URL",
        "cookie",
        "IdP certificate",
    }
    assert {state for state, _ in found.values()} == {"ok"}
    assert "lxml 6" in found["libraries"][1]


def test_a_schema_behind_the_code_is_a_fault(tmp_path: Path) -> None:
    """The command that mends it is named, and nothing further is asked of the database."""
    answer = CommandLine(tmp_path)("doctor")
    assert answer.error == "doorward: 1 fault"
    state, sentence = lines(answer.out)["database"]
    assert state == "fault"
    assert "doorward db upgrade" in sentence


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/x.sqlite3", "postgresql://nobody@127.0.0.1:1/none"]
)
def test_a_database_that_is_away_is_a_fault(tmp_path: Path, url: str) -> None:
    """It is said in one line each, by doctor and by every other command."""
    doorward = CommandLine(tmp_path)
    answer = doorward("doctor", DOORWARD_DATABASE_URL=url)
    assert answer.error == "doorward: 1 fault"
    assert lines(answer.out)["database"][0] == "fault"
    assert "does not answer" in doorward("sso", "status", DOORWARD_DATABASE_URL=url).error


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOORWARD_DATABASE_URL", "mysql://nobody@localhost/x"),
        ("DOORWARD_DATABASE_URL", "postgresql://localhost:port/x"),
        ("DOORWARD_TRUSTED_PROXIES", "10.0.0.0/33"),
    ],
)
def test_a_bad_variable_is_named(tmp_path: Path, name: str, value: str) -> None:
    """A setting that cannot be read is one line that names it."""
    assert name in CommandLine(tmp_path)("doctor", **{name: value}).error


def test_keys_that_others_can_read_are_a_fault(acme: CommandLine) -> None:
    """The private key and the secret key are for this user alone."""
    (key,) = acme.certs.glob("*.key")
    key.chmod(0o640)
    (acme.folder / "secret_key").chmod(0o644)
    answer = acme("doctor", "--offline")
    assert answer.error == "doorward: 2 faults"
    found = lines(answer.out)
    assert f"chmod 600 {key}" in found["keys"][1]
    assert "chmod 600" in found["secret key"][1]


def test_a_broken_key_pair_is_a_fault(acme: CommandLine) -> None:
    """A certificate that is none, or not its key's, is found before an IdP finds it."""
    (certificate,) = acme.certs.glob("*.crt")
    sound = certificate.read_text()
    acme.ok("keys", "new", "z")
    (acme.certs / "sp-z.crt").write_text(sound)
    answer = acme("doctor", "--offline")
    assert answer.error == "doorward: 1 fault"
    assert "key pair z: the key is not the certificate's" in answer.out.lower()
    (acme.certs / "sp-z.crt").write_text("nonsense")
    assert acme("doctor", "--offline").error == "doorward: 1 fault"
    assert "certificate" in acme("keys", "list").error


def test_trusting_everybody_is_a_fault(acme: CommandLine) -> None:
    """A proxy list that names the whole internet lets anybody claim any address."""
    answer = acme("doctor", "--offline", DOORWARD_TRUSTED_PROXIES="0.0.0.0/0")
    assert answer.error == "doorward: 1 fault"
    told = acme.ok("doctor", "--offline", DOORWARD_TRUSTED_PROXIES="10.1.0.0/16")
    assert lines(told)["proxy headers"] == ("ok", "Believed from 10.1.0.0/16.")


def test_plain_http_is_a_fault_but_on_this_machine(doorward: CommandLine) -> None:
    """Cookies of a site without HTTPS can be read on the way."""
    local = f"http://localhost:{free_port()}"
    doorward.ok("tenant", "create", "local", "--name", "Local", "--url", local)
    doorward.ok("doctor", "--offline")
    doorward.ok("tenant", "create", "bare", "--name", "Bare", "--url", "http://hr.example")
    answer = doorward("doctor", "--offline", "--tenant", "bare")
    assert answer.error == "doorward: 2 faults"
    assert "fault    bare: base URL" in answer.out


def test_an_idp_out_of_reach_is_a_fault(doorward: CommandLine) -> None:
    """Its sign-on address is asked, within bounds; a site that does not run is a warning."""
    site, login = free_port(), free_port()
    url = f"http://localhost:{site}"
    doorward.ok("tenant", "create", "acme", "--name", "Acme", "--url", url)
    metadata = MockIdp(base_url=f"http://127.0.0.1:{login}").metadata
    (doorward.folder / "idp.xml").write_bytes(metadata)
    doorward.ok("idp", "import", "idp.xml")
    answer = doorward("doctor")
    assert answer.error == "doorward: 1 fault"
    found = lines(answer.out)
    assert found["IdP reachability"][0] == "fault"
    assert found["base URL"][0] == "warning"


def test_a_policy_without_its_keys_is_a_fault(acme: CommandLine) -> None:
    """Signed requests are asked for, and the key pair is gone."""
    acme.ok("idp", "set", "--sign-requests", "on")
    for path in acme.certs.iterdir():
        path.unlink()
    answer = acme("doctor", "--offline")
    assert answer.error == "doorward: 1 fault"
    assert "doorward keys new" in lines(answer.out)["policy"][1]


def test_an_unknown_tenant(acme: CommandLine) -> None:
    """A slug that is nobody's is an error of its own."""
    assert "'nobody'" in acme("doctor", "--tenant", "nobody").error


def test_libraries_that_do_not_fit_are_named_with_the_fix(acme: CommandLine) -> None:
    """An xmlsec that cannot be imported, as beside a foreign lxml, is told in words.

    A module in xmlsec's place stands for it: it fails as xmlsec does with another libxml2.
    """
    broken = acme.folder / "broken"
    broken.mkdir()
    (broken / "xmlsec.py").write_text(
        "raise SystemError('lxml & xmlsec libxml2 library version mismatch')\n"
    )
    answer = acme.fresh("doctor", PYTHONPATH=f"{broken}:{CHECKOUT}")
    assert answer.error == "doorward: 1 fault"
    state, sentence = lines(answer.out)["libraries"]
    assert state == "fault"
    assert "version mismatch" in sentence
    assert "pip install" in sentence
    other = acme.fresh("sso", "status", PYTHONPATH=f"{broken}:{CHECKOUT}")
    assert "doorward doctor" in other.error


def test_help_needs_none_of_the_libraries(tmp_path: Path) -> None:
    """`--help` answers at once: it imports neither Flask nor the database."""
    listing = "import sys; from app.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", listing, "--help"],
        capture_output=True,
        text=True,
        env=CommandLine(tmp_path).environment,
        check=True,
    )
    assert "demo" in done.stdout
    assert not {"flask", "sqlalchemy", "lxml", "granian"} & set(done.stdout.split())
