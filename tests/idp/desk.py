"""What a running IdP remembers, in memory: sessions, requests that wait, the open drawer."""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tests.idp.authn_request import AuthnRequest
from tests.idp.config import Person
from tests.idp.logout import Principal
from tests.idp.reply import Addressee

MAX_WAITING: Final = 1000


@dataclass
class Session:
    """Somebody who is signed in at the IdP, and the SPs that were told."""

    person: Person
    authn_instant: datetime
    index: str
    told: dict[str, Principal] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A request that waits for somebody to be chosen."""

    request: AuthnRequest
    addressee: Addressee


@dataclass(frozen=True)
class LogoutRun:
    """A logout on its way from SP to SP: who is still to be told, and whom to answer at last."""

    left: tuple[tuple[str, Principal], ...]
    asked_by: str | None = None
    in_response_to: str | None = None
    relay_state: str | None = None


class Desk:
    """The memory of one IdP. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._questions: dict[str, Question] = {}
        self._logouts: dict[str, LogoutRun] = {}
        self.always = "ordinary"
        self.once: str | None = None
        self.ask_always = False
        self.hold = False
        self.last_assertion_id: str | None = None

    def sign_in(self, person: Person, now: datetime) -> str:
        """Begin a session and return its token."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._sessions[token] = Session(person, now, f"_session-{secrets.token_hex(8)}")
        return token

    def session(self, token: str | None) -> Session | None:
        """The session of that token, if it is alive."""
        with self._lock:
            return self._sessions.get(token or "")

    def session_of(self, principal: Principal) -> str | None:
        """The token of the session that an SP means in its LogoutRequest."""
        with self._lock:
            for token, session in self._sessions.items():
                if session.index in principal.session_indexes:
                    return token
                if not principal.session_indexes and session.person.name_id == principal.name_id:
                    return token
        return None

    def sign_out(self, token: str | None) -> Session | None:
        """End a session and return what it was."""
        with self._lock:
            return self._sessions.pop(token or "", None)

    def wait(self, question: Question) -> str:
        """Keep a request until somebody is chosen; the oldest give way."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._questions[token] = question
            _forget_oldest(self._questions)
        return token

    def answered(self, token: str) -> Question | None:
        """Take the request of that token; it can be answered once."""
        with self._lock:
            return self._questions.pop(token, None)

    def keep_logout(self, request_id: str, run: LogoutRun) -> None:
        """Remember a logout that goes on when the SP has answered that request."""
        with self._lock:
            self._logouts[request_id] = run
            _forget_oldest(self._logouts)

    def take_logout(self, request_id: str) -> LogoutRun | None:
        """Take up the logout that waits for the answer to that request."""
        with self._lock:
            return self._logouts.pop(request_id, None)

    def take_misbehaviour(self) -> str:
        """The drawer entry for the response that is about to be sent."""
        with self._lock:
            once, self.once = self.once, None
            return once or self.always

    @property
    def next_misbehaviour(self) -> str:
        """What `take_misbehaviour` would give."""
        return self.once or self.always


def _forget_oldest(kept: dict[str, Any]) -> None:
    while len(kept) > MAX_WAITING:
        del kept[next(iter(kept))]
