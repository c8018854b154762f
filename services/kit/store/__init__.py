"""The event store of one service: the only truth, and the outbox. SQLite or PostgreSQL, over the `eventsourcing`
library.
"""

from services.kit.store.identity import StoreId
from services.kit.store.log import Log, open_log
from services.kit.store.notifier import Notifier
from services.kit.store.opening import open_store
from services.kit.store.recent import LogRow
from services.kit.store.writer import StoreUnavailable, Writer, malformed

__all__ = ["Log", "LogRow", "Notifier", "StoreId", "StoreUnavailable", "Writer", "malformed", "open_log", "open_store"]
