"""What a fresh read of a deal means for what is stored, and saving it."""
