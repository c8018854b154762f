"""Where notices leave the house."""
