"""The drawer: every way in which the mock identity provider can answer, by name.

A closed dictionary. The first entries are the shapes of a good response; `expect` says
"accepted" for them, and the code of the refusal for all others.
"""

from typing import Final

from tests.idp.misbehaviours.accepted import ACCEPTED
from tests.idp.misbehaviours.content import CORRELATION, PARTIES, STATUS, SUBJECT, TIMES
from tests.idp.misbehaviours.documents import DOCUMENTS
from tests.idp.misbehaviours.encryption import ENCRYPTION
from tests.idp.misbehaviours.misbehaviour import Misbehaviour, NotPossibleError
from tests.idp.misbehaviours.signatures import SIGNATURES
from tests.idp.misbehaviours.wrapping import FORGED_NAME_ID, WRAPPING

GROUPS: Final[dict[str, dict[str, Misbehaviour]]] = {
    "Good responses": ACCEPTED,
    "Status": STATUS,
    "Issuer, destination, audience, conditions": PARTIES,
    "Times": TIMES,
    "Subject and authentication": SUBJECT,
    "Request, replay, policy": CORRELATION,
    "Signature": SIGNATURES,
    "Signature wrapping": WRAPPING,
    "Encryption": ENCRYPTION,
    "XML and shape": DOCUMENTS,
}

DRAWER: Final[dict[str, Misbehaviour]] = {
    name: entry for group in GROUPS.values() for name, entry in group.items()
}

__all__ = ["DRAWER", "FORGED_NAME_ID", "GROUPS", "Misbehaviour", "NotPossibleError"]
