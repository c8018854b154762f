"""Facts to bytes and back: the envelope, its encoder and decoder, and the header that says where a message stands."""

from services.kit.codec.envelope import Undecodable, decode, encode
from services.kit.codec.position import Checkpoint, Delivery

__all__ = ["Checkpoint", "Delivery", "Undecodable", "decode", "encode"]
