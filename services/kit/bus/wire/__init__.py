"""What the bus does past the library's public ways, for speed."""
