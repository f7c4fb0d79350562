"""Writes the vectors out of the mock IdP's drawer: `python -m tests.vectors.build [--all] [NAME…]`.

What is there stays as it is, byte for byte: only missing files are written, or those that are
named, or all of them. Keys of strangers are made for the occasion and forgotten.
"""

import argparse
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from tests.idp.keys import KeyPair, Keys, rsa_key_pair
from tests.idp.misbehaviours import DRAWER, Misbehaviour
from tests.idp.reply import Addressee, Reply, ordinary_reply
from tests.idp.responses import build, encode

HERE: Final = Path(__file__).parent
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
NAME_ID: Final = "anna.larsen"
REQUEST_ID: Final = "_request-1"


@dataclass(frozen=True)
class Field:
    """A vector of the form field itself: what it makes of the response's bytes."""

    about: str
    expect: str
    write: Callable[[bytes], str]


FIELDS: Final[dict[str, Field]] = {
    "field_with_line_breaks": Field(
        "base64 in lines of 76 characters",
        "accepted",
        lambda document: "\r\n".join(_lines(encode(document), 76)) + "\r\n",
    ),
    "field_empty": Field("nothing was posted", "MALFORMED", lambda document: ""),
    "field_of_words": Field("not base64", "MALFORMED", lambda document: "Let me in, please."),
    "field_with_foreign_letters": Field(
        "base64 with a letter that is none of its own",
        "MALFORMED",
        lambda document: "é" + encode(document),
    ),
    "field_with_rubbish": Field(
        "base64 with other characters strewn in, which lenient decoders skip",
        "MALFORMED",
        lambda document: encode(document).replace("A", "A!", 1),
    ),
    "field_with_a_tail": Field(
        "base64, its padding, and more after it",
        "MALFORMED",
        lambda document: encode(document[: len(document) // 3 * 3 - 1]) + "AAAA",
    ),
    "field_of_plain_xml": Field(
        "the XML without base64", "MALFORMED", lambda document: document.decode("utf-8")
    ),
    "field_deflated": Field(
        "deflated, as the Redirect binding would have it",
        "MALFORMED",
        lambda document: encode(zlib.compress(document, wbits=-15)),
    ),
}


def vector_keys() -> Keys:
    """The committed test keys, and strangers' keys that last until the process ends."""

    def committed(name: str) -> KeyPair:
        return KeyPair(
            (HERE / "keys" / f"{name}-TEST-KEY.pem").read_bytes(),
            (HERE / "certificates" / f"{name}.pem").read_bytes(),
        )

    return Keys(
        rsa=committed("idp-rsa"),
        ecdsa=committed("idp-ecdsa"),
        rogue=rsa_key_pair("A stranger"),
        weak=rsa_key_pair("A weak key", bits=1024),
    )


def vector_reply() -> Reply:
    """The ordinary reply that every vector varies."""
    return ordinary_reply(
        issuer="https://login.northwind.example/metadata",
        addressee=Addressee(
            "https://northwind.example/saml/metadata",
            "https://northwind.example/saml/acs",
            (HERE / "certificates" / "sp.pem").read_bytes(),
        ),
        request_id=REQUEST_ID,
        name_id=NAME_ID,
        now=NOW,
        token="1",
    )


def drawer_vector(misbehaviour: Misbehaviour, keys: Keys) -> bytes:
    """The file of one drawer entry."""
    unsolicited = "unsolicited" in misbehaviour.policy
    lines = [
        f"expect: {misbehaviour.expect}",
        f"about: {misbehaviour.about}",
        f"now: {NOW.isoformat().replace('+00:00', 'Z')}",
        f"request: {'' if unsolicited else REQUEST_ID}".rstrip(),
        *[f"policy: {name}={value}" for name, value in misbehaviour.policy.items()],
    ]
    if misbehaviour.expect == "accepted":
        lines.append(f"name_id: {misbehaviour.name_id or NAME_ID}")
    front = "\n".join(lines) + "\n\n"
    return front.encode("utf-8") + misbehaviour.build(vector_reply(), keys)


def field_vector(field: Field, keys: Keys) -> bytes:
    """The file of one way to fill in the form field."""
    lines = [
        f"expect: {field.expect}",
        f"about: {field.about}",
        f"now: {NOW.isoformat().replace('+00:00', 'Z')}",
        f"request: {REQUEST_ID}",
        "body: base64",
    ]
    if field.expect == "accepted":
        lines.append(f"name_id: {NAME_ID}")
    front = "\n".join(lines) + "\n\n"
    return (front + field.write(build(vector_reply(), keys))).encode("utf-8")


def path_of(name: str, expect: str) -> Path:
    """Where the vector of that name lies."""
    return HERE / ("accepted" if expect == "accepted" else "refused") / f"{name}.txt"


def vectors() -> dict[Path, Callable[[Keys], bytes]]:
    """Every vector's file, and what writes it."""
    found: dict[Path, Callable[[Keys], bytes]] = {}
    for name, entry in DRAWER.items():
        if not entry.ledger:
            found[path_of(name, entry.expect)] = partial(drawer_vector, entry)
    for name, field in FIELDS.items():
        found[path_of(name, field.expect)] = partial(field_vector, field)
    return found


def main() -> None:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.vectors.build", description=__doc__)
    parser.add_argument("names", nargs="*", help="vectors to write anew")
    parser.add_argument("--all", action="store_true", help="write every vector anew")
    options = parser.parse_args()
    keys = vector_keys()
    for path, write in vectors().items():
        if options.all or path.stem in options.names or not path.exists():
            path.write_bytes(write(keys))
            print(path.relative_to(HERE))


def _lines(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(0, len(text), length)]


if __name__ == "__main__":
    main()
