"""A confined place for work on bytes that nobody vouches for."""

from services.kit.sandbox.sandbox import Sandbox, SandboxFailure

__all__ = ["Sandbox", "SandboxFailure"]
