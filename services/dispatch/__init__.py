"""Brings the copies of a letter to their recipients, collects proofs, keeps the gate to the archive. Never approves."""
