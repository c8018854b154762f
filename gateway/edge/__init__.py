"""At the door: who is it, may he, and how he is told no; requests to the services."""
