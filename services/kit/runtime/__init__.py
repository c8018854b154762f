"""Running one service: its parts, leases, supervision, timers."""
