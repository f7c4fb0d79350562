"""The real command line, in processes of its own and a folder of the test's own.

A command is a fork of a process that has imported everything already and done nothing else:
importing takes ten times as long as most commands do. `fresh` starts Python anew, for what
depends on that.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from app.cli import main; main()")
SECONDS = 60

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["app.cli", "app.blueprints.admin", "app.services.diagnosis", "app.cli.identity_providers"]
)


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
        streams = [self.folder / name for name in (".stdin", ".stdout", ".stderr")]
        streams[0].write_text(stdin)
        run = _FORKS.Process(
            target=_run, args=(arguments, self.environment | environment, self.folder, streams)
        )
        run.start()
        run.join(SECONDS)
        assert run.exitcode is not None, f"{arguments} does not end"
        answer = Answer(run.exitcode, streams[1].read_text(), streams[2].read_text())
        run.close()
        for path in streams:
            path.unlink()
        return answer

    def ok(self, *arguments: str, stdin: str = "", **environment: str) -> str:
        """Run a command that has to succeed; return what it prints."""
        answer = self(*arguments, stdin=stdin, **environment)
        assert (answer.status, answer.err) == (0, ""), answer
        return answer.out

    def fresh(self, *arguments: str, stdin: int | None = None, **environment: str) -> Answer:
        """Run one command in a new Python; `stdin` is a file descriptor."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env=self.environment | environment,
            cwd=self.folder,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

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


def _run(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, streams: list[Path]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in enumerate(streams):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(path, flags), number)
    sys.stdin = os.fdopen(0)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.argv = ["doorward", *arguments]
    from app.cli import main

    main()
