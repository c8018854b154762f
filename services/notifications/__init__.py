"""Tells people: which fact concerns whom, by which way, and what came of it. Never decides on a case, keeps no contact
and no words: both are made when a notice leaves.
"""
