"""A backup of everything that a product keeps: sealed archives at one place, the keys at another; and back again.

Nothing here knows a service: which stores there are is told. What is done to a restored store so that the office may go
on stands in `services/cli/backup/`.
"""
