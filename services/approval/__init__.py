"""Tiered initials (paraf berjenjang): whose turn it is, who may not, what returns. Never registers, never delivers."""
