"""Complaint: what people bring against the office or for it, from the first word to the last objection. It never tells
who reported, it never lets who is complained about read it, and it does not examine.
"""
