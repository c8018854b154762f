"""What people upload, made harmless and silent: its kind is read from its bytes, and what betrays them is left out.

It happens in the sandbox and before anything is stored; the original is kept nowhere.
"""

from services.kit.uploads.cleaner import KINDS, UploadCleaner, UploadRefused, upload_sandbox

__all__ = ["KINDS", "UploadCleaner", "UploadRefused", "upload_sandbox"]
