"""What the sandbox is asked: bytes in, kind and clean bytes out."""

from services.kit.uploads import images, office, pdf
from services.kit.uploads.faults import UnknownKind

HEAD_BYTES = 96
"""The media type, filled up with blanks; the file follows."""


def clean(data: bytes) -> bytes:
    """The kind is that of the bytes; what the file is called, or says that it is, does not count."""
    media_type = images.kind_of(data)
    if media_type is not None:
        cleaned = images.clean(data, media_type)
    elif data[:1024].lstrip().startswith(b"%PDF-"):
        media_type, cleaned = pdf.MEDIA_TYPE, pdf.clean(data)
    elif data.startswith(b"PK\x03\x04"):
        media_type, cleaned = office.clean(data)
    else:
        raise UnknownKind
    return media_type.encode().ljust(HEAD_BYTES) + cleaned
