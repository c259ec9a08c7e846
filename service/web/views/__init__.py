"""The pages, a module each: `add_to(site)` gives the blueprint its routes. A view parses, calls, commits, renders."""
