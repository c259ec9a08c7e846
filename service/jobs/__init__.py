"""Work that goes on by itself: the queue that wakes workers, the sweep that refills it, and what each job does."""
