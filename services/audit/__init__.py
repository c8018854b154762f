"""Audit: chains every event of every service, so that an edit, removal, insertion or swap in the history is found.

It keeps hashes and never copies, decides nothing, changes nothing of others, and orders nothing across services.
"""
