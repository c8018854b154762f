"""Login, logout, the first password."""
