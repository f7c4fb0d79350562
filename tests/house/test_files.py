"""What may lie in this repository, and what not."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Put together here, so that this file does not hold what it forbids.
INDEX_HOSTS = [
    "pypi" + ".org",
    "pypi.python" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "yarnpkg" + ".com",
    "deb.debian" + ".org",
    "security.debian" + ".org",
    "crates" + ".io",
    "proxy.golang" + ".org",
]
INDEX_OPTIONS = ["--index" + "-url", "--extra-index" + "-url", "--find" + "-links"]
MACHINE_PATH = re.compile(r"(?<![\w.+/}-])/(?:work|root|tmp|home/\w+|Users/\w+)(?![\w-])")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\n)+[A-Za-z0-9+/=]{16}")
NO_SUBJECT = {"utils", "util", "misc"}


@cache
def texts() -> dict[str, str]:
    """The text of every file that is, or would be, committed; what is no text is left out."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    found = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            found[name] = content.decode(errors="replace")
    return found


def sources() -> dict[str, str]:
    folders = ("app/", "saml/", "tests/")
    return {n: t for n, t in texts().items() if n.startswith(folders) and n.endswith(".py")}


def test_there_are_files() -> None:
    """The rules below are tried on the repository, not on nothing."""
    assert "pyproject.toml" in texts()
    assert any(name.startswith("saml/") for name in sources())


def test_files_are_short() -> None:
    """A Python file of more than 400 lines is usually two subjects."""
    long = {name: lines for name, text in sources().items() if (lines := text.count("\n")) > 400}
    assert not long


def test_modules_are_named_by_subject() -> None:
    """No module is named for having no subject."""
    assert not [name for name in sources() if NO_SUBJECT & set(Path(name).with_suffix("").parts)]


@pytest.mark.parametrize("words", [*INDEX_HOSTS, *INDEX_OPTIONS])
def test_no_package_index_is_named(words: str) -> None:
    """Where packages come from is the installing machine's affair: mirrors must keep working."""
    excused = {"tools/lock.sh"} if words in INDEX_OPTIONS else set()
    assert not [name for name, text in texts().items() if words in text and name not in excused]


def test_no_path_of_one_machine() -> None:
    """The project can lie anywhere: no file names a folder of the machine it was written on."""
    found = {
        f"{name}: {match[0]}"
        for name, text in texts().items()
        for match in MACHINE_PATH.finditer(text)
        if name != "tests/house/test_files.py"
    }
    assert not found


def test_no_private_key_but_marked_test_keys() -> None:
    """A private key in the repository is one of the tests', and says so in its file's name."""
    found = [name for name, text in texts().items() if PRIVATE_KEY.search(text)]
    assert not [n for n in found if not n.startswith("tests/") or "TEST-KEY" not in Path(n).name]


@pytest.mark.parametrize(
    "text",
    [
        'open("' + "/tm" + 'p/x")',
        "cd " + "/work" + " && ls",
        "see " + "/home/" + "ada/doorward",
        "`" + "/root" + "`",
    ],
)
def test_paths_are_recognised(text: str) -> None:
    """The rule about paths knows the spellings it is there for."""
    assert MACHINE_PATH.search(text)


def test_private_keys_are_recognised() -> None:
    """The rule about keys knows a key, in a file of its own and inside a string."""
    begin, body = "-----BEGIN PRIVATE" + " KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    assert PRIVATE_KEY.search(f"{begin}\n{body}")
    assert PRIVATE_KEY.search(f'"{begin}\\n{body}"')
