"""What a person asks of a running service: health, metrics, housekeeping."""
