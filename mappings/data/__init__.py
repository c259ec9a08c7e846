"""The shipped documents and tables; SOURCES.md says where each fact comes from."""
