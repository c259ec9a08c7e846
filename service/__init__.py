"""Everything that runs: sync, reminders, the outbox, the command line."""
