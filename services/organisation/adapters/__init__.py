"""Where the organisation meets files, password hashes and its mutable tables."""
