"""From the event store to the stream: the relay and its publisher."""
