"""Pages of letters: inbox, register, board, initials, couriers, tasks, deadlines."""
