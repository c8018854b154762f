"""One connection to an IMAP server, used by one thread; lost connections are made again with growing pauses."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from services.intake.ports import MailboxUnavailableError

T = TypeVar("T")
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "[LIMIT]")  # RFC 5530


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """Where the mailbox is and who reads it. `security`: "tls" (port 993), "starttls", or "plain", on loopback only.

    `pauses`: seconds before each new attempt after a lost connection. ValueError where it would speak in the clear.
    """

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 993
    folder: str = "INBOX"
    security: str = "tls"
    ca_file: str | None = None
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    pauses: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0, 4.0)

    def __post_init__(self) -> None:
        if self.security not in {"tls", "starttls", "plain"}:
            raise ValueError("security is tls, starttls or plain")
        if self.security == "plain" and not _is_loopback(self.host):
            raise ValueError("mail is read without encryption from this machine only")


class ImapSession:
    """Runs work on a connected client. Everything but `interrupt` belongs to one thread."""

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._client: IMAPClient | None = None
        self._ended = threading.Event()
        self.selected = False

    def attempt(self, work: Callable[[Any], T]) -> T:
        """The work's result; it is done again on a new connection where the old one was lost, so it is repeatable."""
        for pause in (*self._account.pauses, None):
            if self._ended.is_set():
                raise MailboxUnavailableError("closed")
            try:
                return work(self._connected())
            except (IMAPClientError, OSError, ValueError) as error:  # ValueError: an answer that cannot be read
                self.drop()
                if _is_refused(error):
                    raise MailboxUnavailableError("the server refuses the login") from None
                if pause is None:
                    raise MailboxUnavailableError(f"{type(error).__name__} after several attempts") from None
                self._ended.wait(pause)
        raise AssertionError("unreachable")

    def attempt_once(self, work: Callable[[Any], T]) -> T:
        """The same without a second try; the library's own exceptions come through."""
        return work(self._connected())

    def examine(self, client: Any, *, change: bool = False) -> dict[bytes, Any]:
        """Select the folder anew (the server then tells UIDVALIDITY), read-only unless `change`."""
        self.selected = False
        state: dict[bytes, Any] = client.select_folder(self._account.folder, readonly=not change)
        self.selected = True
        return state

    def drop(self) -> None:
        """Forget the connection."""
        client, self._client = self._client, None
        self.selected = False
        if client is not None:
            with suppress(IMAPClientError, OSError):
                client.shutdown()

    def interrupt(self) -> None:
        """From any thread: no more attempts, and a read that hangs ends now."""
        self._ended.set()
        client = self._client
        if client is not None:
            with suppress(OSError, IMAPClientError, AttributeError):
                # the plain socket's own method: the encrypted one's is not made for two threads
                socket.socket.shutdown(client.socket(), socket.SHUT_RDWR)

    def log_out(self) -> None:
        if self._client is not None:
            with suppress(IMAPClientError, OSError, ValueError):
                self._client.logout()
        self.drop()

    def _connected(self) -> IMAPClient:
        if self._client is None:
            account = self._account
            context = None if account.security == "plain" else ssl.create_default_context(cafile=account.ca_file)
            client = IMAPClient(
                account.host,
                account.port,
                ssl=account.security == "tls",
                ssl_context=context if account.security == "tls" else None,
                timeout=SocketTimeout(connect=account.connect_seconds, read=account.read_seconds),
            )
            self._client = client
            client.normalise_times = False  # times with their zone, not this machine's
            if account.security == "starttls":
                client.starttls(context)
            client.login(account.user, account.password)
        return self._client


def _is_refused(error: Exception) -> bool:
    """A login not to be tried again at once, lest the account be locked; a server on its way up or down is none."""
    if not isinstance(error, LoginError) or isinstance(error.__context__, IMAPClient.AbortError):
        return False
    return not any(code in str(error) for code in _PASSING)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
