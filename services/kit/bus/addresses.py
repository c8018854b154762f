"""What a broker's address says: who logs in, and what of it may be shown."""

from urllib.parse import unquote, urlsplit


def user_of(url: str) -> str:
    """Who logs in by name and password, and may hear what is sent to his own inboxes only; nobody by a token."""
    login = urlsplit(url.partition(",")[0])
    return unquote(login.username or "") if login.password else ""


def without_password(url: str) -> str:
    """Of one or more addresses, separated by commas."""
    return ",".join(one.rpartition("@")[2] for one in url.split(","))
