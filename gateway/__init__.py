"""The edge: HTTP in, NATS out. Owns no business table, imports no service, decides nothing that a service decides."""
