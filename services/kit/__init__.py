"""Plumbing that every service shares: store, relay, bus, followers, leases, keys, blobs, sandbox, supervision.

It knows no domain word: it would make sense just the same if the office were a bakery.
"""
