"""Attacks on the reader of Responses that are more than one document each.

The parties, keys and instants are those of the vectors.
"""

import base64
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from saml.errors import Reason, ResponseRejected
from saml.response import read
from saml.settings import IdentityProvider, Policy
from tests.idp import terms
from tests.idp.keys import KeyPair
from tests.idp.misbehaviours.misbehaviour import for_addressee
from tests.idp.misbehaviours.wrapping import FORGED_NAME_ID, cut, forged_assertion
from tests.idp.reply import Reply
from tests.idp.responses import (
    assertion,
    assertion_text,
    build,
    encrypted_assertion,
    response_around,
)
from tests.idp.signing import sign, signing_with
from tests.unit.test_vectors import IDP, SP
from tests.vectors.build import NAME_ID, NOW, vector_keys, vector_reply

KEYS = vector_keys()
REPLY = vector_reply()
IDPS = {IDP.entity_id: IDP}


def outcome(
    document: bytes | str,
    identity_providers: Mapping[str, IdentityProvider] = IDPS,
    *,
    now: datetime = NOW,
) -> str:
    """The NameID that is read, or the code of the refusal."""
    raw = document.encode() if isinstance(document, str) else document
    field = base64.b64encode(raw).decode()
    try:
        verified = read(field, sp=SP, identity_providers=identity_providers, now=now)
        return verified.accept(REPLY.in_response_to).name_id.value
    except ResponseRejected as rejected:
        return rejected.reason.value


def places(document: str) -> Iterator[int]:
    """Every place between two pieces of mark-up of a document, within its root."""
    ends = [found.end() for found in re.finditer(r"<[^>]+>", document)]
    return iter(ends[:-1])


def put_everywhere(document: str, piece: str) -> Iterator[str]:
    for at in places(document):
        yield document[:at] + piece + document[at:]


def refuses_or_reads_the_original(documents: Iterator[str]) -> int:
    """Try them all; return how many were refused."""
    found = [outcome(document) for document in documents]
    assert set(found) <= {NAME_ID, *Reason}, set(found) - set(Reason)
    return sum(each != NAME_ID for each in found)


def signed(sign: str) -> str:
    return build(replace(REPLY, sign=sign), KEYS).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_a_forged_assertion_is_refused_wherever_it_stands_in_a_genuine_response(sign: str) -> None:
    """Wrapping: beside, around and inside what is signed, with and without a signature."""
    genuine = signed(sign)
    _, signature = cut(genuine)
    forged = forged_assertion(REPLY)
    same_id = forged.replace(f"{REPLY.assertion_id}-forged", REPLY.assertion_id)
    with_signature = same_id.replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1)
    for piece in (forged, same_id, with_signature):
        tried = list(put_everywhere(genuine, piece))
        assert refuses_or_reads_the_original(iter(tried)) == len(tried)


@pytest.mark.parametrize("keeps_signature", [True, False])
@pytest.mark.parametrize("takes_id", [True, False])
def test_a_genuine_assertion_proves_nothing_wherever_it_stands_in_a_forged_response(
    keeps_signature: bool, takes_id: bool
) -> None:
    """Wrapping: the forged Assertion bears the genuine signature, the genuine one is elsewhere."""
    original = assertion(REPLY, KEYS).decode()
    bare, signature = cut(original)
    forged = forged_assertion(REPLY).replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1)
    if takes_id:
        forged = forged.replace(f"{REPLY.assertion_id}-forged", REPLY.assertion_id)
    around = response_around(forged, replace(REPLY, sign="none"), KEYS).decode()
    tried = list(put_everywhere(around, original if keeps_signature else bare))
    assert refuses_or_reads_the_original(iter(tried)) == len(tried)


@pytest.mark.parametrize("keeps_signature", [True, False])
@pytest.mark.parametrize("takes_id", [True, False])
def test_a_genuine_response_proves_nothing_wherever_it_stands_in_a_forged_one(
    keeps_signature: bool, takes_id: bool
) -> None:
    """Wrapping: the forged Response bears the genuine signature, the genuine one is inside."""
    original = signed("response")
    bare, signature = cut(original)
    ids = replace(REPLY, response_id=REPLY.response_id if takes_id else "_forged")
    around = response_around(forged_assertion(REPLY), replace(ids, sign="none"), KEYS).decode()
    around = around.replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1)
    tried = list(put_everywhere(around, original if keeps_signature else bare))
    assert refuses_or_reads_the_original(iter(tried)) == len(tried)


def test_wrapping_inside_an_encrypted_assertion_is_refused() -> None:
    """Anybody can encrypt for us: the plaintext is treated like a message from a stranger."""
    genuine = assertion(REPLY, KEYS).decode()
    bare, signature = cut(genuine)
    forged = forged_assertion(REPLY).replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1)
    reply = replace(REPLY, sign="none", encrypt_assertion=for_addressee(REPLY))
    plaintexts = [
        genuine + forged,
        forged + genuine,
        *put_everywhere(genuine, forged),
        *put_everywhere(forged, bare),
    ]
    envelopes = [encrypted_assertion(text.encode(), reply) for text in plaintexts]
    envelopes.append(encrypted_assertion(genuine.encode(), reply) + forged)
    envelopes.append(forged + encrypted_assertion(genuine.encode(), reply))
    tried = [response_around(envelope, reply, KEYS).decode() for envelope in envelopes]
    assert refuses_or_reads_the_original(iter(tried)) == len(tried)


def another_idp(key: KeyPair) -> IdentityProvider:
    return IdentityProvider(
        entity_id="https://other.example/metadata",
        signing_certificates=(key.certificate_pem.decode(),),
    )


OTHER = another_idp(KEYS.rogue)
BOTH_IDPS = {
    IDP.entity_id: replace(IDP, policy=Policy()),
    OTHER.entity_id: OTHER,
}


def from_other(**knobs: object) -> Reply:
    """A Reply that the other IdP signs, whatever it says in it."""
    signing = signing_with(KEYS.rogue)
    both = {"signing": signing, "response_signing": signing, "name_id": FORGED_NAME_ID}
    return replace(REPLY, **{**both, **knobs})  # type: ignore[arg-type]


def test_the_other_idp_can_speak_for_itself() -> None:
    """What the cases below change is what makes them fail."""
    own = from_other(issuer=OTHER.entity_id, response_issuer=OTHER.entity_id)
    assert outcome(build(own, KEYS), BOTH_IDPS) == FORGED_NAME_ID
    assert outcome(build(own, KEYS)) == "ISSUER", "a tenant that has not set it up"


@pytest.mark.parametrize(
    ("response_issuer", "issuer"),
    [
        (IDP.entity_id, IDP.entity_id),
        (IDP.entity_id, OTHER.entity_id),
        (OTHER.entity_id, IDP.entity_id),
        (None, IDP.entity_id),
    ],
)
@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
@pytest.mark.parametrize("encrypted", [False, True])
def test_one_idp_never_speaks_for_another(
    response_issuer: str | None, issuer: str, sign: str, encrypted: bool
) -> None:
    """Issuer of one, signature of the other, in every combination of the two Issuers."""
    reply = from_other(issuer=issuer, response_issuer=response_issuer, sign=sign)
    if encrypted:
        reply = replace(reply, encrypt_assertion=for_addressee(REPLY))
    assert outcome(build(reply, KEYS), BOTH_IDPS) in {"ISSUER", "SIGNATURE_INVALID"}


def test_an_assertion_of_another_idp_inside_a_signed_response_is_refused() -> None:
    """A genuine Assertion of one IdP, wrapped by another that is trusted for itself only."""
    genuine = assertion(REPLY, KEYS).decode()
    wrapper = from_other(response_issuer=OTHER.entity_id, sign="response")
    assert outcome(response_around(genuine, wrapper, KEYS), BOTH_IDPS) == "SIGNATURE_INVALID"
    bare, _ = cut(genuine)
    assert outcome(response_around(bare, wrapper, KEYS), BOTH_IDPS) == "ISSUER"


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-7", "UTF-16", "EBCDIC-CP-US", "x" * 39])
def test_no_other_encoding_is_taken_at_its_word(encoding: str) -> None:
    """The bytes were counted as UTF-8: whoever says that they are something else is refused."""
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    assert outcome(declaration + signed("assertion")) == "MALFORMED"


def test_of_several_ends_of_a_session_the_first_counts() -> None:
    """SessionNotOnOrAfter of each AuthnStatement binds, in whichever order they come."""
    first, second = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    for ends in ((first, second), (second, first)):
        texts = [
            assertion_text(replace(REPLY, session_not_on_or_after=end), signing_with(KEYS.rsa))
            for end in ends
        ]
        (statement,) = re.findall(r"<saml:AuthnStatement.*</saml:AuthnStatement>", texts[1], re.S)
        both = texts[0].replace("</saml:Assertion>", f"{statement}</saml:Assertion>")
        content = sign(both.encode(), signing_with(KEYS.rsa)).decode()
        document = response_around(content, replace(REPLY, sign="none"), KEYS)
        field = base64.b64encode(document).decode()
        verified = read(field, sp=SP, identity_providers=IDPS, now=NOW)
        assert verified.accept(REPLY.in_response_to).session_not_on_or_after == first


@pytest.mark.parametrize("outer", [None, "_another-request"])
def test_the_unsigned_response_must_answer_the_same_request(outer: str | None) -> None:
    """What the Response says of itself, unsigned, can refuse but never allow (profiles 4.1.4.3)."""
    assert outcome(build(replace(REPLY, in_response_to=outer), KEYS)) == "IN_RESPONSE_TO"


def test_an_issuer_of_another_format_is_no_entity_id() -> None:
    """The unsigned Response's Issuer too is an entity ID or nothing (profiles 4.1.4.2)."""
    other = f'<saml:Issuer Format="{terms.EMAIL}">'
    assert outcome(signed("assertion").replace("<saml:Issuer>", other, 1)) == "ISSUER"


@pytest.mark.parametrize(
    "addition",
    [
        f"<saml:Advice>{forged_assertion(REPLY)}</saml:Advice>",
        "<saml:Surprise/>",
        '<saml:NameID ID="_assertion-1">anna</saml:NameID>',
    ],
)
def test_a_signed_plaintext_is_held_to_the_same_shape(addition: str) -> None:
    """What is signed and then encrypted: one Assertion, no other inside, valid by the schema."""
    text = assertion_text(REPLY, signing_with(KEYS.rsa))
    odd = text.replace("<saml:AuthnStatement", f"{addition}<saml:AuthnStatement", 1)
    plaintext = sign(odd.encode(), signing_with(KEYS.rsa))
    reply = replace(REPLY, sign="none", encrypt_assertion=for_addressee(REPLY))
    assert outcome(response_around(encrypted_assertion(plaintext, reply), reply, KEYS)) == (
        "DECRYPTION"
    )


def test_an_assertion_is_remembered_until_its_last_confirmation_is_over() -> None:
    """Another confirmation may hold when the first is over: the ledger keeps the ID until then."""
    text = assertion(replace(REPLY, not_on_or_after=None, sign="none"), KEYS).decode()
    (confirmation,) = re.findall(r"<saml:SubjectConfirmation .*</saml:SubjectConfirmation>", text)
    tomorrow = NOW + timedelta(days=1)
    later = re.sub(
        r'NotOnOrAfter="[^"]*"', f'NotOnOrAfter="{tomorrow:%Y-%m-%dT%H:%M:%SZ}"', confirmation
    ).replace(
        "<saml:SubjectConfirmationData",
        f'<saml:SubjectConfirmationData NotBefore="{NOW + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"',
    )
    text = text.replace(confirmation, confirmation + later)
    document = response_around(text, replace(REPLY, sign="response"), KEYS)
    verified = read(base64.b64encode(document).decode(), sp=SP, identity_providers=IDPS, now=NOW)
    accepted = verified.accept(REPLY.in_response_to)
    assert accepted.usable_until == tomorrow + timedelta(seconds=IDP.policy.clock_skew)
    assert outcome(document, now=tomorrow) == NAME_ID
    assert outcome(document, now=accepted.usable_until) == "EXPIRED"


def test_a_refusal_quotes_its_own_message_only() -> None:
    """Messages that are read at the same time: no detail tells of another tenant's."""
    strange: list[str] = []

    def post(word: str) -> None:
        smuggled = "".join(f' {word}{number}=""' for number in range(40))
        document = signed("assertion").replace("<samlp:Response", f"<samlp:Response{smuggled}", 1)
        field = base64.b64encode(document.encode()).decode()
        for _ in range(150):
            with pytest.raises(ResponseRejected) as refused:
                read(field, sp=SP, identity_providers=IDPS, now=NOW)
            if word not in refused.value.detail:
                strange.append(refused.value.detail)

    threads = [threading.Thread(target=post, args=(word,)) for word in ("alpha", "bravo", "cobra")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not strange


def test_no_thread_reads_strangers_messages_for_ever() -> None:
    """Names in a message stay in memory until the thread ends that read it: it does end."""
    readers: list[threading.Thread] = []

    class NoIdps(dict[str, IdentityProvider]):
        def get(self, *_: object) -> None:  # type: ignore[override]
            readers.append(threading.current_thread())

    long = f'<samlp:Extensions><x:n xmlns:x="urn:{"x" * 200_000}"/></samlp:Extensions>'
    document = build(replace(REPLY, extensions_xml=long), KEYS)
    for _ in range(5 * 1024 * 1024 // len(document)):
        assert outcome(document, NoIdps()) == "ISSUER"
    readers[0].join(timeout=10)
    assert not readers[0].is_alive()
    assert len({id(reader) for reader in readers}) > 1
    assert threading.current_thread() not in readers
