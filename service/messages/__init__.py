"""Messages to reps and their managers: what stands for the day, and links that act on it. Never to a prospect."""
