"""The libraries that SAML stands on: whether they are there, and fit each other.

lxml and xmlsec must be built with the same libxml2; where they are not, importing xmlsec
fails, and with it nearly every module of ours. So this one imports nothing else.
"""

import platform
from dataclasses import dataclass
from importlib import metadata

_SHOWN = ("lxml", "xmlsec", "python3-saml", "cryptography", "SQLAlchemy", "Flask")
FIX = (
    "install both from wheels, as requirements.txt pins them: "
    "pip install --force-reinstall --no-deps --only-binary :all: lxml==6.1.* xmlsec==1.3.17"
)


@dataclass(frozen=True, slots=True)
class Libraries:
    """What is installed. `problem` says why SAML cannot work with it, None where it can."""

    versions: str
    problem: str | None


def installed() -> Libraries:
    """Look at the installed libraries, and try the pair."""
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {_version(name)}" for name in _SHOWN]
    return Libraries(", ".join(versions), _problem())


def _problem() -> str | None:
    try:
        from lxml import etree
    except ImportError as error:
        return f"lxml cannot be imported: {error}"
    try:
        import xmlsec
    except Exception as error:
        # xmlsec refuses with an error of its own kind when its libxml2 is not lxml's.
        return f"xmlsec cannot be imported beside lxml {etree.__version__}: {error}"
    theirs, ours = xmlsec.get_libxml_version(), etree.LIBXML_VERSION
    if theirs[:2] != ours[:2]:
        return f"xmlsec uses libxml2 {_dotted(theirs)} and lxml {_dotted(ours)}"
    return None


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
