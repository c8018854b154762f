"""Where a service keeps its tables, its role, and how statements travel there."""

from services.kit.database.place import Place, engine_of, make_schema, place_of
from services.kit.database.statements import Asked, Statements, among, transaction

__all__ = ["Asked", "Place", "Statements", "among", "engine_of", "make_schema", "place_of", "transaction"]
