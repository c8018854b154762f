"""What people upload, made harmless and silent: its kind is read from its bytes, and what betrays them is left out.

It happens in the sandbox and before anything is stored; the original is kept nowhere. What is shown of them later is
drawn there too.
"""

from services.kit.uploads.cleaner import KINDS, MOST_BYTES, UploadCleaner, UploadRefused, upload_sandbox
from services.kit.uploads.drawer import Drawn, UploadDrawer, drawing_sandbox

__all__ = [
    "KINDS",
    "MOST_BYTES",
    "Drawn",
    "UploadCleaner",
    "UploadDrawer",
    "UploadRefused",
    "drawing_sandbox",
    "upload_sandbox",
]
