"""Plumbing that every service shares: store, outbox, bus, subscriptions, projections, keys, blobs, sandbox, running.

It knows no domain word: it would make sense just the same if the office were a bakery.
"""
