"""The API: commands, readings, files, sessions, the live stream, the published contracts."""
