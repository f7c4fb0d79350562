"""One company for one test: its people, its identity provider, its settings."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import BrowserContext

from app.services import permission_groups, sessions, sso_settings, tenants
from app.services.audit import OPERATOR
from app.services.clients import Client
from app.services.permission_groups import SYSTEM_ADMINISTRATOR
from app.services.sessions import SignedInBy
from app.services.tenants import Tenant
from app.services.transactions import reading, writing
from tests.browser.site import IdpServer, Site
from tests.factories import Someone, make_person, set_up_idp
from tests.idp import terms
from tests.idp.config import Person

PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"

#: Whom the IdP knows. Alice is known there by a name that no account has; Chloe's is disabled.
AT_THE_IDP = (
    Person("Anna Larsen", "anna.larsen@northwind.example", terms.EMAIL),
    Person("Ben Okoye", "ben.okoye"),
    Person("Alice Roy", "roy.a@northwind.example", terms.EMAIL),
    Person("Chloé Dubois", "chloe.dubois@northwind.example", terms.EMAIL),
    Person("Ada Admin", "ada.admin@northwind.example", terms.EMAIL),
)
_BY_REDIRECT = re.compile(rb"<md:SingleSignOnService [^>]*HTTP-Redirect[^>]*/>")


class Company:
    """A tenant of the site with an IdP beside it, and the same few people every time."""

    def __init__(self, site: Site, slug: str, folder: Path) -> None:
        now = datetime.now(UTC)
        self.site = site
        self._slug = slug
        self.tenant = tenants.create(
            slug, name="Northwind HR", base_url=site.base_url(slug), now=now
        )
        self._certs = site.certs
        self.anna = self._employs("Anna Larsen", "00042", password=PASSWORD)
        self.ben = self._employs("Ben Okoye", "00043")
        self.alice = self._employs("Alice Roy", "00044")
        self.chloe = self._employs("Chloé Dubois", "00045", is_enabled=False)
        #: Ada administers: an emergency administrator, too.
        self.ada = self._employs("Ada Admin", "00001", administers=True, password=PASSWORD)
        metadata = folder / f"{slug}.xml"
        metadata.write_bytes(site.get(self.tenant, "/saml/metadata"))
        self.idp = IdpServer(AT_THE_IDP, metadata)

    def url(self, path: str) -> str:
        """The address of one of the company's pages."""
        return self.tenant.base_url + path

    def set_up_sso(self, *, only_posts: bool = False) -> None:
        """Set the IdP up by its metadata, or by one without HTTP-Redirect, and turn SSO on."""
        metadata = self.idp.idp.metadata
        if only_posts:
            metadata, removed = _BY_REDIRECT.subn(b"", metadata)
            assert removed == 1
        self.tenant = set_up_idp(self.tenant, metadata, self._certs, now=datetime.now(UTC))

    def let_in(self, context: BrowserContext, account_id: str | None) -> None:
        """Give a browser a session of an account, as if its owner had come in before."""
        assert account_id is not None
        now = datetime.now(UTC)
        with writing() as session:
            _, token = sessions.start(
                session,
                self.tenant,
                account_id,
                SignedInBy("sso", "primary-email", self.idp.idp.entity_id),
                Client("203.0.113.7", FIREFOX),
                now=now,
            )
        context.add_cookies(
            [{"name": "doorward_session", "value": token, "url": self.tenant.base_url}]
        )

    def redirect_at_once(self) -> None:
        """Send people from the login page straight to the IdP."""
        now = datetime.now(UTC)
        sso_settings.set_redirects_at_once(self.tenant, True, actor=OPERATOR, now=now)
        self.tenant = self._as_it_is()

    def _employs(
        self,
        name: str,
        number: str,
        *,
        is_enabled: bool = True,
        administers: bool = False,
        password: str | None = None,
    ) -> Someone:
        username = name.lower().replace(" ", ".").replace("é", "e")
        return make_person(
            self.tenant,
            name,
            now=datetime.now(UTC),
            username=username,
            email=f"{username}@northwind.example",
            number=number,
            is_enabled=is_enabled,
            is_emergency=administers,
            password=password,
            group_ids=(self._administrators(),) if administers else (),
        )

    def _administrators(self) -> str:
        with reading() as session:
            return permission_groups.id_of_kind(session, self.tenant.id, SYSTEM_ADMINISTRATOR)

    def _as_it_is(self) -> Tenant:
        return tenants.by_slug(self._slug)


@contextmanager
def founded(site: Site, slug: str, folder: Path) -> Iterator[Company]:
    """A company for as long as the block lasts, SSO off, inside an application context."""
    with site.app.app_context():
        company = Company(site, slug, folder)
        try:
            yield company
        finally:
            company.idp.stop()
