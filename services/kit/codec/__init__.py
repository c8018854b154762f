"""Facts to bytes and back: the envelope, its encoder and decoder, and the header that says where a message stands."""
