"""The bus: one connection of one service; who asks, who answers, what open boards hear. The only home of NATS."""
