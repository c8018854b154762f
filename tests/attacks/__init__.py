"""Attacks on a started product on this machine's loopback: others are answered meanwhile, and memory stays bounded."""
