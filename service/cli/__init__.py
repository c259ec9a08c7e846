"""The command line. A command parses, calls one service function, and renders."""
