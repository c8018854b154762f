"""The views of letters: tables, what each service's facts do to them, and the answers read from them."""
