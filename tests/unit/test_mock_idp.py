"""The mock IdP says what it claims to say: it signs really, and misbehaves really.

Nothing of `saml` is used here: xmlsec and Debian's xmlsec1 are the judges.
"""

import copy
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from tests.idp import terms
from tests.idp.keys import KeyPair, Keys, keys_in, process_keys, rsa_key_pair
from tests.idp.misbehaviours import DRAWER, FORGED_NAME_ID
from tests.idp.misbehaviours.accepted import ACCEPTED
from tests.idp.misbehaviours.encryption import ENCRYPTION
from tests.idp.misbehaviours.signatures import BROKEN
from tests.idp.misbehaviours.wrapping import WRAPPING
from tests.idp.reply import Addressee, Reply, ordinary_reply
from tests.idp.responses import build
from tests.machine import require
from tests.vectors.build import FIELDS, HERE, path_of, vectors

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CODES = """
    MALFORMED TOO_LARGE FORBIDDEN_XML SCHEMA VERSION IDP_STATUS NO_PASSIVE ASSERTION_COUNT
    DUPLICATE_ID SIGNATURE_MISSING SIGNATURE_PROFILE SIGNATURE_ALGORITHM SIGNATURE_INVALID
    ENCRYPTION_REQUIRED DECRYPTION ISSUER DESTINATION RECIPIENT AUDIENCE CONFIRMATION EXPIRED
    NOT_YET_VALID CONDITIONS AUTHN_STATEMENT AUTHN_CONTEXT NAME_ID IN_RESPONSE_TO UNSOLICITED
    UNKNOWN_REQUEST ALREADY_USED
"""

# Signed as they say, by the key that they say: what is wrong with them is something else.
REALLY_SIGNED = (
    "sha1",
    "sha1_digest",
    "md5",
    "hmac",
    "weak_rsa_1024",
    "wrong_key",
    "key_in_message",
    "xslt_transform",
    "xpath_transform",
    "inclusive_c14n",
    "three_transforms",
    "object_in_signature",
    "comment_in_name_id",
    "comment_signed_in_name_id",
    "duplicate_id",
    "old",
    "wrong_audience",
    "holder_of_key",
)
NOT_SIGNED_BY_US = ("tampered_name_id", "wrong_key", "key_in_message", "empty_signature_value")


@cache
def sp_keys() -> KeyPair:
    return rsa_key_pair("A service provider")


def reply() -> Reply:
    return ordinary_reply(
        issuer="https://login.northwind.example/metadata",
        addressee=Addressee(
            "https://northwind.example/saml/metadata",
            "https://northwind.example/saml/acs",
            sp_keys().certificate_pem,
        ),
        request_id="_request-1",
        name_id="anna.larsen",
        now=NOW,
        token="1",
    )


def document(name: str) -> bytes:
    return DRAWER[name].build(reply(), process_keys())


def parsed(name: str) -> etree._Element:
    return etree.fromstring(document(name))


def key_of(pair: KeyPair) -> xmlsec.Key:
    return xmlsec.Key.from_memory(pair.certificate_pem, xmlsec.constants.KeyDataFormatCertPem)


def verifies(element: etree._Element, key: xmlsec.Key, signature: etree._Element) -> bool:
    """Whether the signature holds for that very element, found by its ID."""
    context = xmlsec.SignatureContext()
    context.key = key
    context.register_id(element, "ID")
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def signatures(root: etree._Element) -> list[tuple[etree._Element, etree._Element]]:
    """Every signature of a document with the element it stands in."""
    found = []
    for signature in root.iter(f"{{{terms.DS}}}Signature"):
        parent = signature.getparent()
        assert parent is not None
        found.append((parent, signature))
    return found


def decrypted(root: etree._Element) -> bytes:
    """The plaintext of the only EncryptedAssertion, as bytes."""
    manager = xmlsec.KeysManager()
    manager.add_key(
        xmlsec.Key.from_memory(sp_keys().private_pem, xmlsec.constants.KeyDataFormatPem)
    )
    encrypted = next(root.iter(f"{{{terms.XENC}}}EncryptedData"))
    holder = encrypted.getparent()
    assert holder is not None
    beside = holder.find(f"{{{terms.XENC}}}EncryptedKey")
    if beside is not None:
        key_info = etree.SubElement(encrypted, f"{{{terms.DS}}}KeyInfo")
        encrypted.insert(1, key_info)
        key_info.append(beside)
    return etree.tostring(xmlsec.EncryptionContext(manager).decrypt(encrypted))


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_good_responses_are_signed_by_a_key_of_the_metadata(name: str) -> None:
    """Each shape of a good response bears at least one signature, and all of them hold."""
    root = parsed(name)
    found = signatures(root)
    if root.find(f"{{{terms.SAML}}}EncryptedAssertion") is not None:
        found += signatures(etree.fromstring(decrypted(parsed(name))))
    assert found
    for parent, signature in found:
        key = process_keys().ecdsa if "ecdsa" in name else process_keys().rsa
        assert verifies(parent, key_of(key), signature)


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("ordinary", "assertion:Assertion"),
        ("ecdsa", "assertion:Assertion"),
        ("rsa_sha512", "assertion:Assertion"),
        ("inclusive_prefixes", "assertion:Assertion"),
        ("other_prefixes", "assertion:Assertion"),
        ("response_signed_only", "protocol:Response"),
        ("encrypted_response_signed", "protocol:Response"),
    ],
)
def test_xmlsec1_agrees(name: str, node: str, tmp_path: Path) -> None:
    """Another build of another version of the verifier takes what the IdP signs."""
    xmlsec1 = require("xmlsec1")
    pair = process_keys().ecdsa if name == "ecdsa" else process_keys().rsa
    certificate, message = tmp_path / "idp.pem", tmp_path / "response.xml"
    certificate.write_bytes(pair.certificate_pem)
    message.write_bytes(document(name))
    run = subprocess.run(
        [
            xmlsec1,
            "--verify",
            "--pubkey-cert-pem",
            certificate,
            "--id-attr:ID",
            f"urn:oasis:names:tc:SAML:2.0:{node}",
            message,
        ],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr.decode()


@pytest.mark.parametrize("name", REALLY_SIGNED)
def test_misbehaviours_are_signed_where_that_is_not_the_point(name: str) -> None:
    """A weak or forbidden signature is a real one, else refusing it would prove nothing."""
    keys = process_keys()
    key = {
        "weak_rsa_1024": key_of(keys.weak),
        "wrong_key": key_of(keys.rogue),
        "key_in_message": key_of(keys.rogue),
        "hmac": xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, keys.rsa.certificate_pem),
    }.get(name, key_of(keys.rsa))
    ((parent, signature),) = signatures(parsed(name))
    if name == "duplicate_id":
        # The ID attribute of the Assertion alone is registered: the twin does not matter.
        assert parent.tag == f"{{{terms.SAML}}}Assertion"
    assert verifies(parent, key, signature)


@pytest.mark.parametrize("name", NOT_SIGNED_BY_US)
def test_forgeries_do_not_verify(name: str) -> None:
    """What is called tampered or foreign does not hold under the key of the metadata."""
    ((parent, signature),) = signatures(parsed(name))
    assert not verifies(parent, key_of(process_keys().rsa), signature)


@pytest.mark.parametrize(("name", "broken"), [("assertion", 1), ("response", 0)])
def test_one_of_two_signatures_can_be_a_strangers(name: str, broken: int) -> None:
    """Of the signatures of Response and Assertion exactly the named one does not hold."""
    found = signatures(parsed(f"broken_{name}_signature"))
    held = [verifies(parent, key_of(process_keys().rsa), one) for parent, one in found]
    assert held == [index != broken for index in range(2)]


def test_algorithms_are_what_their_names_say() -> None:
    """The messages name the algorithms under which the drawer announces them."""
    named = {
        "sha1": terms.RSA_SHA1,
        "md5": terms.RSA_MD5,
        "hmac": terms.HMAC_SHA256,
        "ecdsa": terms.ECDSA_SHA256,
        "encrypted_rsa15": terms.RSA_1_5,
        "encrypted": terms.RSA_OAEP_MGF1P,
        "encrypted_aes128_cbc": terms.AES128_CBC,
        "encrypted_tripledes": terms.TRIPLEDES_CBC,
        "xslt_transform": terms.XSLT,
    }
    for name, algorithm in named.items():
        assert algorithm in [one.get("Algorithm") for one in parsed(name).iter("*")], name


def test_the_weak_key_is_weak() -> None:
    """`weak_rsa_1024` signs with an RSA key of 1024 bits."""
    public_key = process_keys().weak.public_key
    assert isinstance(public_key, rsa.RSAPublicKey)
    assert public_key.key_size == 1024


def genuine(root: etree._Element) -> bool:
    """Whether the one signature of a wrapped message holds for the element it was made over.

    Where the message tore the two apart, they are put together again, in bytes.
    """
    ((parent, signature),) = signatures(root)
    reference = signature.find(f".//{{{terms.DS}}}Reference")
    assert reference is not None
    wanted = (reference.get("URI") or "")[1:]
    original = next(one for one in root.iter("*") if one.get("ID") == wanted)
    key = key_of(process_keys().rsa)
    if parent is original:
        return verifies(original, key, signature)
    alone = copy.deepcopy(signature)
    for child in alone:
        name = etree.QName(child)
        if name.namespace != terms.DS or name.localname == "Object":
            alone.remove(child)
    text = etree.tostring(alone, with_tail=False)
    head, issuer, tail = etree.tostring(original, with_tail=False).partition(b"</saml:Issuer>")
    if not issuer:
        head, issuer, tail = etree.tostring(original, with_tail=False).partition(b">")
    whole = etree.fromstring(head + issuer + text + tail)
    return verifies(whole, key, next(whole.iter(f"{{{terms.DS}}}Signature")))


@pytest.mark.parametrize("name", sorted(set(WRAPPING) - {"xsw_encrypted", "xsw_whole_response"}))
def test_wrapping_carries_a_genuine_signature(name: str) -> None:
    """Each permutation holds a good signature, and a forged Assertion that it is not over."""
    root = parsed(name)
    names = [one.text for one in root.iter(f"{{{terms.SAML}}}NameID")]
    assert FORGED_NAME_ID in names
    if name != "xsw_foreign_id":
        assert genuine(root)
    forged = next(
        one
        for one in root.iter(f"{{{terms.SAML}}}Assertion")
        if one.findtext(f"{{{terms.SAML}}}Subject/{{{terms.SAML}}}NameID") == FORGED_NAME_ID
    )
    for reference in root.iter(f"{{{terms.DS}}}Reference"):
        assert reference.get("URI") != f"#{forged.get('ID')}"


def test_wrapping_permutations_differ() -> None:
    """The nine classic permutations are nine arrangements."""
    assert len({document(f"xsw{number}") for number in range(1, 10)}) == 9


@pytest.mark.parametrize(
    "name", ["encrypted_unsigned", "encrypted_rsa15", "encrypted_tampered_name_id"]
)
def test_encrypted_misbehaviours_can_be_decrypted(name: str) -> None:
    """What is wrong with these is not that the service provider could not read them."""
    root = etree.fromstring(decrypted(parsed(name)))
    assert root.tag == f"{{{terms.SAML}}}Assertion"
    signed = [verifies(*pair) for pair in _with_key(signatures(root))]
    assert (
        signed
        == {
            "encrypted_unsigned": [],
            "encrypted_rsa15": [True],
            "encrypted_tampered_name_id": [False],
        }[name]
    )


@pytest.mark.parametrize("name", sorted(n for n in ENCRYPTION if "_broken_" in n))
def test_broken_ciphers_are_broken(name: str) -> None:
    """No plaintext with an Assertion comes out of what is announced as broken."""
    try:
        plaintext = decrypted(parsed(name))
    except xmlsec.Error:
        return
    assert b"SubjectConfirmation" not in plaintext[:200]


def test_own_prefixes_survive_encryption() -> None:
    """The encrypted Assertion is written with prefixes that the Response does not know."""
    plaintext = decrypted(parsed("encrypted_own_prefixes"))
    assert plaintext.startswith(b"<encas2:Assertion ")
    assert b"encas2" not in document("encrypted_own_prefixes")


def test_every_entry_differs_from_the_ordinary_reply() -> None:
    """No drawer entry that changes the message gives the ordinary one under another name."""
    plain = build(reply(), process_keys())
    same = {
        name
        for name, entry in DRAWER.items()
        if not entry.policy and entry.build(reply(), process_keys()) == plain
    }
    # `replayed` needs an earlier response.
    assert same == {"ordinary", "replayed"}


def test_replayed_has_the_last_assertion_id() -> None:
    """`replayed` answers a new request with the assertion ID that was used before."""
    again = replace(reply(), last_assertion_id="_assertion-before")
    root = etree.fromstring(DRAWER["replayed"].build(again, process_keys()))
    (assertion,) = root.iter(f"{{{terms.SAML}}}Assertion")
    assert assertion.get("ID") == "_assertion-before"
    assert root.get("ID") == reply().response_id


def test_expectations_are_of_the_closed_list() -> None:
    """Every entry says "accepted" or one of the refusals' codes."""
    assert {entry.expect for entry in DRAWER.values()} <= {*CODES.split(), "accepted"}
    assert {entry.expect for entry in ACCEPTED.values()} == {"accepted"}
    assert "accepted" not in {entry.expect for entry in BROKEN.values()}


def test_vectors_are_those_of_the_drawer() -> None:
    """Every entry that one response can show has its vector, and says the same as its header."""
    kept = {*HERE.glob("accepted/*.txt"), *HERE.glob("refused/*.txt")}
    assert kept == vectors().keys() | {path_of("assertion_signed", "accepted")}
    for name, expect in {
        **{name: entry.expect for name, entry in DRAWER.items() if not entry.ledger},
        **{name: field.expect for name, field in FIELDS.items()},
    }.items():
        first_line = path_of(name, expect).read_bytes().split(b"\n", 1)[0]
        assert first_line == f"expect: {expect}".encode(), name


def test_keys_are_kept_in_their_folder(tmp_path: Path) -> None:
    """Keys made once are found again, and nobody else on the machine may read them."""
    first = keys_in(tmp_path / "keys")
    assert keys_in(tmp_path / "keys") == first
    assert isinstance(first, Keys)
    for file in (tmp_path / "keys").glob("*TEST-KEY.pem"):
        assert file.stat().st_mode & 0o777 == 0o600


def test_certificates_name_their_keys() -> None:
    """The certificate of each pair is the public half of its private key."""
    keys = process_keys()
    for pair in (keys.rsa, keys.ecdsa, keys.rogue, keys.weak):
        certificate = x509.load_pem_x509_certificate(pair.certificate_pem)
        assert certificate.subject == certificate.issuer
        certificate.verify_directly_issued_by(certificate)


def _with_key(
    found: list[tuple[etree._Element, etree._Element]],
) -> list[tuple[etree._Element, xmlsec.Key, etree._Element]]:
    return [(parent, key_of(process_keys().rsa), signature) for parent, signature in found]
