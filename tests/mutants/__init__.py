"""Faults put into the product on purpose: a suite that stays green with one of them proves nothing. `make mutants`."""
