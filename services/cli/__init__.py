"""The command line: starts, watches, checks and shows the product. It may know every service; no service knows it."""
