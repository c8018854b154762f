"""Why an upload is not taken. The name of the class is all that leaves the sandbox."""


class UnknownKind(Exception):
    """No photo, PDF or office file of the kinds that can be cleaned; or it carries something that none of them may."""


class TooLarge(Exception):
    """Unpacked it would be larger than anybody needs."""


class Locked(Exception):
    """It needs a password."""


class Unreadable(Exception):
    """It says what it is, and is not."""
