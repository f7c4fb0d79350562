"""What is not on the machine is named, and in CI it is a failure."""

import pytest

from tests import machine


@pytest.mark.parametrize(
    ("required", "outcome"), [("0", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_missing(
    required: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test skips with the words to install what it needs; under `./check --ci` it fails."""
    monkeypatch.setenv("DOORWARD_TESTS_REQUIRE_ALL", required)
    monkeypatch.setitem(machine.PROGRAMS, "absent", (("no-such-program",), "its-package"))
    with pytest.raises(outcome, match="apt-get install its-package"):
        machine.require("absent")
