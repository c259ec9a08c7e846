"""Processes: the supervisor of `rekindle up`, and the embedded Valkey."""
