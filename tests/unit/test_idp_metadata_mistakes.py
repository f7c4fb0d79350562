"""What is no IdP's metadata is refused, each mistake in words of its own, and nothing breaks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saml.errors import MetadataRejected
from saml.metadata import identity_providers
from saml.terms import BINDING_REDIRECT
from tests.unit.certificates import NOW, certificate
from tests.unit.idp_documents import (
    BINDING_ARTIFACT,
    CERTIFICATE,
    ENTITY_ID,
    LEMONLDAP,
    RAW_KEY,
    REDIRECT_URL,
    RESPONSE,
    SP_ROLE,
    SSO,
    endpoint,
    entity,
    federation,
    key,
    role,
)

WEAK = certificate("RSA 1024")
OURS = "https://northwind.example/saml/metadata"


def refusal(document: str | bytes, own_entity_id: str | None = None) -> MetadataRejected:
    raw = document.encode() if isinstance(document, str) else document
    with pytest.raises(MetadataRejected) as rejected:
        identity_providers(raw, now=NOW, own_entity_id=own_entity_id)
    return rejected.value


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("", "The document is empty."),
        (" \n\t", "The document is empty."),
        (CERTIFICATE, "This is a certificate or a key, not metadata."),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "This is a web page, not metadata."),
        ('<?xml version="1.0"?>\n<HTML lang="en"></HTML>', "This is a web page, not metadata."),
        ('{"issuer": "https://login.example"}', "This is not XML."),
        ("https://login.example/metadata", "This is not XML."),
        (entity()[:-40], "This is not well-formed XML. Line 1:"),
        ("<md:EntityDescriptor>\n<a>\n</b>", "This is not well-formed XML. Line 1: "),
        ("<a>\n<b>\n</c>\n</b></a>", "This is not well-formed XML. Line 3: Opening and ending tag"),
        ('<!DOCTYPE x [<!ENTITY e "e">]>' + entity(), "The document has a DOCTYPE, an entity or"),
        ("<?xml-stylesheet href='x'?>" + entity(), "The document has a DOCTYPE, an entity or"),
        (entity().encode("utf-16"), "The document is not text in UTF-8."),
        (
            '<?xml version="1.0" encoding="iso-8859-1"?>' + entity(),
            "The document is not text in UTF-8.",
        ),
        ("<a>" * 60 + "</a>" * 60, "The document is too large or too deeply nested"),
        (RESPONSE, "This is XML, but not SAML metadata: its outermost element is Response."),
        (federation(), "The metadata describes no identity provider"),
        (entity(""), "The metadata describes no identity provider"),
        (
            entity(role().replace("SAML:2.0:protocol", "SAML:1.1:protocol")),
            f"{ENTITY_ID} is an identity provider, but not one of SAML 2.0.",
        ),
        (
            entity(SP_ROLE, entity_id="https://sp.example"),
            "This is the metadata of a service provider (https://sp.example), not of an identity",
        ),
        (entity(entity_id=" "), "The identity provider has no usable entityID."),
        (entity(entity_id="x" * 1025), "The identity provider has no usable entityID."),
        (
            entity(role(sso=endpoint("SingleSignOnService", BINDING_ARTIFACT, REDIRECT_URL))),
            f"{ENTITY_ID} has no SingleSignOnService with the binding HTTP-Redirect or HTTP-POST.",
        ),
        (entity(role(keys="")), "The metadata names no signing key"),
        (entity(role(keys=key(use="encryption"))), "The metadata names no signing key"),
        (entity(role(keys=RAW_KEY)), "without a certificate (ds:KeyValue only)"),
        (
            entity(role(keys=key(WEAK) + RAW_KEY)),
            "no signing key that can be used. The signing certificate ",
        ),
        (entity(role(keys=key(text="<!-- -->AAAA"))), "no signing key that can be used."),
        (
            entity(attributes='validUntil="2025-12-31T23:59:59Z"'),
            "The metadata was valid until 2025-12-31T23:59:59Z only.",
        ),
        (
            federation(entity(), attributes='validUntil="2026-01-01T00:00:00Z"'),
            "The metadata was valid until 2026-01-01T00:00:00Z only.",
        ),
        (entity(attributes='validUntil="2030-01-01"'), "no instant in UTC: 2030-01-01."),
        (federation(entity(), entity()), f"The metadata describes {ENTITY_ID} twice."),
    ],
)
def test_a_mistake_is_named_in_its_own_sentence(document: str | bytes, told: str) -> None:
    """Each wrong document has words of its own, and they can be translated."""
    problem = refusal(document)
    assert told in str(problem)
    assert str(problem) == (
        problem.sentence % problem.values if problem.values else problem.sentence
    )


def test_our_own_metadata_is_recognised() -> None:
    """The commonest mistake: the administrator gives back what we gave out."""
    ours = refusal(entity(SP_ROLE, entity_id=OURS), own_entity_id=OURS)
    assert str(ours).startswith(f"This is our own metadata ({OURS})")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "/sso",
        "//login.example/sso",
        "https:/login.example",
        "https:///sso",
        "https://login.example:99999/",
        "https://login.example:x/",
        "https://[::1/",
        "https://login.example@evil.example/",
        "https://login.example/a b",
        "https://login.example/&#9;x",
        "https://login.example/&quot;x",
        "https://login.example\\@evil.example/",
        "https://login.exämple/",
        "ftp://login.example/",
        "https://login.example/" + "x" * 2048,
    ],
)
def test_an_endpoint_is_an_absolute_http_url(url: str) -> None:
    """Anything else than http(s) with a host, in ASCII and of bounded length, is no endpoint."""
    sso = endpoint("SingleSignOnService", BINDING_REDIRECT, url)
    assert "is no http or https URL" in str(refusal(entity(role(sso=sso))))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(document: bytes) -> None:
    """Whatever is uploaded, MetadataRejected is all that comes of it."""
    assert refusal(document).sentence


PIECES = st.sampled_from(
    [
        *("", "<", ">", '"', "&amp;", "\0", "é", "<!-- -->", "md:", "http", "use", "0", "Z", "P9Y"),
        *(SSO, key(), key(WEAK), RAW_KEY, SP_ROLE, "</md:IDPSSODescriptor>", "<![CDATA[x]]>"),
    ]
)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_damaged_metadata_is_read_or_refused(data: st.DataObject) -> None:
    """Pieces cut out, put in and swapped anywhere: an IdP that can be used, or a sentence."""
    document = data.draw(st.sampled_from([entity(), LEMONLDAP, federation(entity())]))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(document)))
        length = data.draw(st.integers(0, 40))
        document = document[:start] + data.draw(PIECES) + document[start + length :]
    try:
        found = identity_providers(document.encode(), now=NOW)
    except MetadataRejected as refused:
        assert str(refused)
    else:
        assert found
        assert all(idp.signing_certificates for idp in found)
        assert all(idp.sso_redirect_url or idp.sso_post_url for idp in found)
