"""Tables, and nothing but tables."""

from app.models.account import Account
from app.models.audit import AuditEvent, AuditHead
from app.models.base import Base, configure_engine, db, new_id
from app.models.identity_provider import IdentityProvider
from app.models.permission_group import Membership, PermissionGroup
from app.models.person import Company, Person, StructureLevel
from app.models.session import Session
from app.models.sign_in import PendingSignIn, SignInAttempt, UsedAssertion
from app.models.tenant import Tenant
from app.models.throttle import Throttle

__all__ = [
    "Account",
    "AuditEvent",
    "AuditHead",
    "Base",
    "Company",
    "IdentityProvider",
    "Membership",
    "PendingSignIn",
    "PermissionGroup",
    "Person",
    "Session",
    "SignInAttempt",
    "StructureLevel",
    "Tenant",
    "Throttle",
    "UsedAssertion",
    "configure_engine",
    "db",
    "new_id",
]
