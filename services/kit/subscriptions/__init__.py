"""Following another service's stream in order: subscribers, reactors, dead letters."""
