"""Directories of accounts, each by its technology."""
