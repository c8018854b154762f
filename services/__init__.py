"""The services of Caraka: one package each, the same rooms in every one; `kit` is the plumbing that they share."""
