"""Projections: what the screens and the API read. It follows every service, keeps views of letters, copies, initials
and their history, and answers questions about them. It decides nothing and writes no event; all can be built anew.
"""
