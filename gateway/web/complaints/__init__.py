"""Pengaduan: the list, one complaint with what is done about it, entry on behalf in ten seconds, the book."""
