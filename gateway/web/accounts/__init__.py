"""Akun surel: the register of requests, one request with what is done about it, and filing on somebody's behalf."""
