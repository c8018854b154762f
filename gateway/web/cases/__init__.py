"""Pages of all kinds of case together, and the parts that each kind's own pages are made of."""
