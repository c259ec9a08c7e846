"""What else a text says of a time: that it is ruled out, told, somebody else's, or counted from another."""
