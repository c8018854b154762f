"""The copies of a letter: phases (`state`), how plan and release meet, what is carried and proven, what follows."""
