"""Ruang operasi: for whoever keeps the machine."""
