"""Pages of letters: inbox, register, a letter with its actions, initials, couriers."""
