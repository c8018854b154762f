"""Pemberitahuan: what somebody was told, and what the office sent."""
