"""A real Dovecot with one user and one Maildir, up in about 0.2 s; by IMAP, or IMAPS with its own certificate."""

import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.parts.ensure import SYSTEM_PATH
from tests.parts.ports import free_port, wait_until
from tests.parts.server import Server

CONFIGURATION = """
base_dir = {open}/run
state_dir = {open}/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
default_internal_user = {internal}
default_login_user = {internal}
default_internal_group = {group}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{maildir}
mail_fsync = always
mailbox_list_index = no
ssl = {ssl}
{certificate}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = home={open}/user
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def dovecot_binary() -> str:
    """Debian's `dovecot-imapd`. FileNotFoundError."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")
    if found is None:
        raise FileNotFoundError("dovecot: on Debian it comes with the package dovecot-imapd")
    return found


class Dovecot(Server):
    """`host`, `port`, `user`, `password`, `maildir` (its INBOX), `certificate` (to be trusted; or None)."""

    host = "127.0.0.1"
    user = "sanapati"
    password = "kata-sandi-uji"

    def __init__(self, home: Path, port: int, *, tls: bool = False) -> None:
        """Write configuration, user and (for `tls`) certificate below `home`."""
        home.mkdir(parents=True, exist_ok=True)
        self.port = port
        # Dovecot reads no mail as root, and the unprivileged user cannot enter pytest's folders
        self._open = Path(tempfile.mkdtemp(prefix="caraka-dovecot-"))
        self.maildir = self._open / "user" / "Maildir"
        self.certificate = _certificate(home) if tls else None
        as_root = os.geteuid() == 0
        owner = pwd.getpwnam("nobody") if as_root else pwd.getpwuid(os.geteuid())
        self._open.chmod(0o755)
        for directory in ("run", "state", "user"):
            (self._open / directory).mkdir()
        if as_root:
            os.chown(self._open / "user", owner.pw_uid, owner.pw_gid)
        configuration = home / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(
                home=home,
                password=self.password,
                maildir=self.maildir,
                open=self._open,
                internal="dovecot" if as_root else owner.pw_name,
                group="dovecot" if as_root else grp.getgrgid(owner.pw_gid).gr_name,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                ssl="required" if tls else "no",
                certificate=f"ssl_cert = <{self.certificate}\nssl_key = <{home}/key.pem" if tls else "",
                plain_port=0 if tls else port,
                tls_port=port if tls else 0,
            )
        )
        super().__init__([dovecot_binary(), "-F", "-c", str(configuration)], home / "dovecot.log")

    def start(self) -> None:
        """Start (again) on the same port and mailbox; returns when it greets."""
        self.spawn()
        wait_until(self._answers, seconds=15, what=f"dovecot on port {self.port}", log=self.log_tail)

    def restart(self) -> None:
        """Stop if it runs, and start with what is on the disk."""
        self.stop()
        self.start()

    def discard(self) -> None:
        """Kill, and remove the mailbox."""
        self.kill()
        shutil.rmtree(self._open, ignore_errors=True)

    def client(self) -> imaplib.IMAP4:
        """An independent reader, logged in; the caller logs out."""
        client: imaplib.IMAP4
        if self.certificate:
            client = imaplib.IMAP4_SSL(self.host, self.port, ssl_context=self._trust())
        else:
            client = imaplib.IMAP4(self.host, self.port)
        client.login(self.user, self.password)
        return client

    def append(self, *messages: bytes, at: datetime | None = None, mailbox: str = "INBOX") -> None:
        """Put messages into the mailbox, received at `at` (aware; now by default)."""
        client = self.client()
        when = imaplib.Time2Internaldate(at or datetime.now(UTC))
        for message in messages:
            answer, told = client.append(mailbox, "", when, message)
            if answer != "OK":
                raise RuntimeError(str(told))
        client.logout()

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    def _answers(self) -> bool:
        if not self.running:
            message = f"dovecot ended at once\n{self.log_tail()}"
            raise RuntimeError(message)
        try:
            with socket.create_connection((self.host, self.port), timeout=2) as wire:
                if self.certificate is None:
                    return wire.recv(100).startswith(b"* OK")
                with self._trust().wrap_socket(wire, server_hostname=self.host) as secured:
                    return secured.recv(100).startswith(b"* OK")
        except OSError:
            return False


def _certificate(home: Path) -> Path:
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(home / "key.pem"), "-out", str(home / "certificate.pem")]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return home / "certificate.pem"


def start_dovecot(home: Path, port: int | None = None, *, tls: bool = False) -> Dovecot:
    """Start a server whose configuration and log lie below `home`; the caller ends it with `discard`."""
    dovecot = Dovecot(home, port or free_port(), tls=tls)
    dovecot.start()
    return dovecot
