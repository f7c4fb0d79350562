"""The real command line, in processes of its own and a folder of the test's own."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from app.cli import main; main()")
SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What a command left: its exit status, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line on stderr of a command that failed."""
        assert self.status == 1, self
        (line,) = self.err.splitlines()
        return line


@dataclass(frozen=True)
class CommandLine:
    """`doorward`, as an operator of this folder types it."""

    folder: Path

    @property
    def certs(self) -> Path:
        return self.folder / "certs"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("DOORWARD_")}
        return inherited | {
            "DOORWARD_INSTANCE": str(self.folder),
            "DOORWARD_CERTS": str(self.certs),
            "PYTHONPATH": str(CHECKOUT),
        }

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Answer:
        """Run one command to its end."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env=self.environment | environment,
            cwd=self.folder,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: str, stdin: str = "", **environment: str) -> str:
        """Run a command that has to succeed; return what it prints."""
        answer = self(*arguments, stdin=stdin, **environment)
        assert (answer.status, answer.err) == (0, ""), answer
        return answer.out

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        """Start a command that runs until it is ended."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            cwd=self.folder,
        )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether nobody listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
