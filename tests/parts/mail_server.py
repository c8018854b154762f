"""A real Dovecot that asks a passwd-file or an OpenLDAP who may log in, as an office would run it: it remembers secrets
(``auth_cache``), takes letters by LMTP, and has its administrator's door.
"""

import grp
import imaplib
import os
import poplib
import pwd
import shutil
import smtplib
import socket
import tempfile
from pathlib import Path

from tests.parts.dovecot import dovecot_binary
from tests.parts.ports import free_port, wait_until
from tests.parts.server import Server

KEY = "kunci-admin-uji"
CONFIGURATION = """
base_dir = {open}/run
state_dir = {open}/state
log_path = /dev/stderr
protocols = imap pop3 lmtp submission
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
auth_username_format = %Lu
auth_cache_size = 10 M
auth_cache_ttl = 1 hour
auth_cache_negative_ttl = 0
default_internal_user = {internal}
default_login_user = {internal}
default_internal_group = {group}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{open}/mail/%Ld/%Ln
mail_home = {open}/home/%Ld/%Ln
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
doveadm_api_key = {key}
protocol imap {{
  mail_plugins = $mail_plugins last_login
}}
protocol pop3 {{
  mail_plugins = $mail_plugins last_login
}}
plugin {{
  last_login_dict = file:{open}/mail/last-login
}}
{accounts}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service doveadm {{
  inet_listener http {{
    port = {doveadm}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
FROM_FILE = """
passdb {{
  driver = passwd-file
  args = username_format=%Lu {file}
}}
userdb {{
  driver = passwd-file
  args = username_format=%Lu {file}
}}
"""
FROM_LDAP = """
passdb {{
  driver = ldap
  args = {file}
}}
userdb {{
  driver = ldap
  args = {file}
}}
"""
LDAP = """
uris = ldap://{host}:{port}
dn = {admin}
dnpass = {password}
base = {people}
scope = subtree
auth_bind = yes
pass_attrs = mail=user
pass_filter = (&(objectClass=inetOrgPerson)(mail=%Lu)(employeeType=active))
user_attrs = mail=user
user_filter = (&(objectClass=inetOrgPerson)(|(mail=%Lu)(mailLocalAddress=%Lu))(!(employeeType=closed)))
iterate_attrs = mail=user
iterate_filter = (&(objectClass=inetOrgPerson)(employeeType=active))
"""


class MailServer(Server):
    """`host`; ports `imap`, `pop`, `lmtp`, `submission`, `doveadm`; `key` of the administrator's door; `users`."""

    host, key = "127.0.0.1", KEY

    def __init__(self, home: Path, directory: object | None = None) -> None:
        """``directory``: a `Slapd`; None: a passwd-file, ``users``."""
        home.mkdir(parents=True, exist_ok=True)
        self._open = Path(tempfile.mkdtemp(prefix="caraka-mail-"))
        self._open.chmod(0o755)
        as_root = os.geteuid() == 0
        owner = pwd.getpwnam("nobody") if as_root else pwd.getpwuid(os.geteuid())
        for folder in ("run", "state", "mail", "home", "directory"):
            (self._open / folder).mkdir()
            if as_root and folder in {"mail", "home"}:
                os.chown(self._open / folder, owner.pw_uid, owner.pw_gid)
        self.users = self._open / "directory" / "users"
        self.users.touch(mode=0o644)
        accounts = FROM_FILE.format(file=self.users)
        if directory is not None:
            told = home / "dovecot-ldap.conf"
            told.write_text(LDAP.format_map({name: getattr(directory, name) for name in
                                             ("host", "port", "admin", "password", "people")}))  # fmt: skip
            told.chmod(0o600)
            accounts = FROM_LDAP.format(file=told)
        self.imap, self.pop, self.lmtp, self.submission, self.doveadm = (free_port() for _ in range(5))
        configuration = home / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(
                open=self._open,
                internal="dovecot" if as_root else owner.pw_name,
                group="dovecot" if as_root else grp.getgrgid(owner.pw_gid).gr_name,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                key=KEY,
                accounts=accounts,
                relay=free_port(),
                imap=self.imap,
                pop=self.pop,
                lmtp=self.lmtp,
                submission=self.submission,
                doveadm=self.doveadm,
            )
        )
        super().__init__([dovecot_binary(), "-F", "-c", str(configuration)], home / "dovecot.log")

    def start(self) -> None:
        self.spawn()
        wait_until(self._answers, seconds=15, what=f"dovecot on port {self.imap}", log=self.log_tail)

    def discard(self) -> None:
        """Kill, and remove the mailboxes."""
        self.kill()
        shutil.rmtree(self._open, ignore_errors=True)

    @property
    def logins(self) -> str:
        """The dictionary in which its plugin keeps who logged in when."""
        return f"file:{self._open}/mail/last-login"

    @property
    def administration(self) -> str:
        return f"http://{self.host}:{self.doveadm}"

    def session(self, address: str, secret: str) -> imaplib.IMAP4:
        """Logged in by IMAP. Raises imaplib.IMAP4.error."""
        client = imaplib.IMAP4(self.host, self.imap, timeout=10)
        try:
            client.login(address, secret)
        except imaplib.IMAP4.error:
            client.shutdown()
            raise
        return client

    def logs_in(self, address: str, secret: str) -> dict[str, bool]:
        """By each way that people have."""
        return {
            "imap": self._by_imap(address, secret),
            "pop": self._by_pop(address, secret),
            "smtp": self._by_submission(address, secret),
        }

    def deliver(self, address: str, words: str = "Halo") -> bool:
        """A letter from outside, by LMTP; False: nobody of this address."""
        letter = f"From: tamu@example.com\r\nTo: {address}\r\nSubject: Uji\r\n\r\n{words}\r\n"
        with smtplib.LMTP(self.host, self.lmtp) as client:
            try:
                client.sendmail("tamu@example.com", [address], letter)
            except smtplib.SMTPRecipientsRefused:
                return False
        return True

    def letters(self, address: str, secret: str) -> int:
        client = self.session(address, secret)
        try:
            _, told = client.select("INBOX", readonly=True)
            return int(told[0] or 0)
        finally:
            client.logout()

    def _by_imap(self, address: str, secret: str) -> bool:
        try:
            self.session(address, secret).logout()
        except imaplib.IMAP4.error:
            return False
        return True

    def _by_pop(self, address: str, secret: str) -> bool:
        client = poplib.POP3(self.host, self.pop, timeout=10)
        try:
            client.user(address)
            client.pass_(secret)
        except poplib.error_proto:
            return False
        finally:
            client.close()
        return True

    def _by_submission(self, address: str, secret: str) -> bool:
        """The relay behind it is away: being let in is what counts, so 535 alone is a refusal."""
        client = smtplib.SMTP(self.host, self.submission, timeout=10)
        try:
            client.login(address, secret)
        except smtplib.SMTPAuthenticationError:
            return False
        except smtplib.SMTPException:
            return True
        finally:
            client.close()
        return True

    def _answers(self) -> bool:
        if not self.running:
            raise RuntimeError(f"dovecot ended at once\n{self.log_tail()}")
        try:
            with socket.create_connection((self.host, self.imap), timeout=2) as wire:
                return wire.recv(100).startswith(b"* OK")
        except OSError:
            return False


def start_mail_server(home: Path, directory: object | None = None) -> MailServer:
    """The caller ends it with `discard`."""
    server = MailServer(home, directory)
    server.start()
    return server
