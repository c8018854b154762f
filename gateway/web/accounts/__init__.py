"""Akun surel: the register of requests, one with what is done about it, filing on behalf, sealed slips."""
