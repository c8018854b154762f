"""The rounds of one letter: phases (`state`), what is decided, the limit of a turn (`lateness`), what follows."""
