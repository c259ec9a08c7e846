"""Knowledge: what a lost deal means and when to come back. Pure; no network, clock, database or environment."""
