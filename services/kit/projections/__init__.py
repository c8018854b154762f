"""Views made of events: tables in generations, the projector, rebuilding, search."""
